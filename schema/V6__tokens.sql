-- Tokens of the contracts that don't use cookies. Only digests are kept.

CREATE TABLE latchkey.oauth_client (
    id text NOT NULL CONSTRAINT oauth_client_pkey PRIMARY KEY,
    secret_digest bytea NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT oauth_client_secret_is_sha256 CHECK (octet_length(secret_digest) = 32)
);

-- A family is what one grant led to: a token and all that came of refreshing it. Without an account the tokens
-- are the client's own. Revoking is removing the family.
CREATE TABLE latchkey.token_family (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT token_family_pkey PRIMARY KEY,
    client_id text NOT NULL
        CONSTRAINT token_family_client_fkey REFERENCES latchkey.oauth_client (id) ON DELETE CASCADE,
    account_id bigint CONSTRAINT token_family_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    granted_at timestamptz NOT NULL,
    refreshable_until timestamptz NOT NULL
);
CREATE INDEX token_family_client_idx ON latchkey.token_family (client_id);
CREATE INDEX token_family_account_idx ON latchkey.token_family (account_id);
CREATE INDEX token_family_refreshable_until_idx ON latchkey.token_family (refreshable_until);

-- An access token and the refresh token that went with it. Rotated: it was refreshed, both are dead, and the
-- refresh token tells a thief if it comes again.
CREATE TABLE latchkey.access_token (
    digest bytea NOT NULL CONSTRAINT access_token_pkey PRIMARY KEY,
    family_id bigint NOT NULL
        CONSTRAINT access_token_family_fkey REFERENCES latchkey.token_family (id) ON DELETE CASCADE,
    refresh_digest bytea NOT NULL CONSTRAINT access_token_refresh_digest_key UNIQUE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    CONSTRAINT access_token_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT access_token_refresh_digest_is_sha256 CHECK (octet_length(refresh_digest) = 32)
);
CREATE INDEX access_token_family_idx ON latchkey.access_token (family_id);

CREATE TABLE latchkey.auth_token (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT auth_token_pkey PRIMARY KEY,
    account_id bigint NOT NULL
        CONSTRAINT auth_token_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    dialect text NOT NULL,
    digest bytea NOT NULL CONSTRAINT auth_token_digest_key UNIQUE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT auth_token_one_active UNIQUE (account_id, dialect),
    CONSTRAINT auth_token_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
