-- Recovery: a request is opened when its letter is written, and holds one key for each time that was tried.
-- Any of its keys is good until one is used, the request is voided, or its time is over.

CREATE TABLE latchkey.reset_request (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT reset_request_pkey PRIMARY KEY,
    account_id bigint NOT NULL
        CONSTRAINT reset_request_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    outbox_id bigint NOT NULL CONSTRAINT reset_request_outbox_key UNIQUE,
    dialect text NOT NULL,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    voided_at timestamptz,
    used_at timestamptz,
    CONSTRAINT reset_request_ends_once CHECK (voided_at IS NULL OR used_at IS NULL)
);
CREATE INDEX reset_request_open_idx ON latchkey.reset_request (account_id)
    WHERE voided_at IS NULL AND used_at IS NULL;
-- Whether an account has asked again since.
CREATE INDEX reset_request_account_idx ON latchkey.reset_request (account_id, outbox_id);
CREATE INDEX reset_request_expires_at_idx ON latchkey.reset_request (expires_at);

CREATE TABLE latchkey.reset_key (
    digest bytea NOT NULL CONSTRAINT reset_key_pkey PRIMARY KEY,
    request_id bigint NOT NULL
        CONSTRAINT reset_key_request_fkey REFERENCES latchkey.reset_request (id) ON DELETE CASCADE,
    minted_at timestamptz NOT NULL,
    CONSTRAINT reset_key_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX reset_key_request_idx ON latchkey.reset_key (request_id);

-- Passwords that were drawn and mailed: each a second, expiring credential beside the account's own, until
-- somebody signs in with it. One letter may hold several, one for each time that it was tried.
CREATE TABLE latchkey.temporary_password (
    digest bytea NOT NULL CONSTRAINT temporary_password_pkey PRIMARY KEY,
    account_id bigint NOT NULL
        CONSTRAINT temporary_password_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    outbox_id bigint NOT NULL,
    dialect text NOT NULL,
    minted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT temporary_password_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX temporary_password_account_idx ON latchkey.temporary_password (account_id);
