-- Sessions: one row for each sign-in that has not ended. Ending a session removes its row.

CREATE TABLE latchkey.session (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT session_pkey PRIMARY KEY,
    account_id bigint NOT NULL CONSTRAINT session_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    digest bytea NOT NULL CONSTRAINT session_digest_key UNIQUE,
    opened_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    address text,
    user_agent text,
    CONSTRAINT session_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX session_account_idx ON latchkey.session (account_id);
CREATE INDEX session_ends_at_idx ON latchkey.session (ends_at);
