-- Tokens of the contracts that don't use cookies. Only digests are kept.

CREATE TABLE latchkey.oauth_client (
    id text NOT NULL CONSTRAINT oauth_client_pkey PRIMARY KEY,
    secret_digest bytea NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT oauth_client_secret_is_sha256 CHECK (octet_length(secret_digest) = 32)
);

CREATE TABLE latchkey.access_token (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT access_token_pkey PRIMARY KEY,
    family uuid NOT NULL,
    client_id text NOT NULL
        CONSTRAINT access_token_client_fkey REFERENCES latchkey.oauth_client (id) ON DELETE CASCADE,
    account_id bigint CONSTRAINT access_token_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    digest bytea NOT NULL CONSTRAINT access_token_digest_key UNIQUE,
    refresh_digest bytea CONSTRAINT access_token_refresh_digest_key UNIQUE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz
);
CREATE INDEX access_token_family_idx ON latchkey.access_token (family);
CREATE INDEX access_token_account_idx ON latchkey.access_token (account_id);

CREATE TABLE latchkey.auth_token (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT auth_token_pkey PRIMARY KEY,
    account_id bigint NOT NULL
        CONSTRAINT auth_token_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    dialect text NOT NULL,
    digest bytea NOT NULL CONSTRAINT auth_token_digest_key UNIQUE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX auth_token_account_idx ON latchkey.auth_token (account_id);
