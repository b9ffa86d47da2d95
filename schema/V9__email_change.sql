-- A new e-mail address takes effect when somebody follows the link that was sent to it. One change an account waits
-- at most; asking again replaces it, and with it every key of an earlier letter is void.

CREATE TABLE latchkey.email_change (
    account_id bigint NOT NULL CONSTRAINT email_change_pkey PRIMARY KEY
        CONSTRAINT email_change_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    outbox_id bigint NOT NULL,
    email text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX email_change_expires_at_idx ON latchkey.email_change (expires_at);

-- One key for each time that the letter was tried.
CREATE TABLE latchkey.email_key (
    digest bytea NOT NULL CONSTRAINT email_key_pkey PRIMARY KEY,
    account_id bigint NOT NULL
        CONSTRAINT email_key_change_fkey REFERENCES latchkey.email_change (account_id) ON DELETE CASCADE,
    outbox_id bigint NOT NULL,
    minted_at timestamptz NOT NULL,
    CONSTRAINT email_key_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX email_key_account_idx ON latchkey.email_key (account_id);
