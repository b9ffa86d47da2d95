-- Housekeeping finds the tokens and mailed passwords that are over without reading all that are not.

-- As long as it takes: the role may have a limit.
SET LOCAL statement_timeout = 0;
CREATE INDEX auth_token_expires_at_idx ON latchkey.auth_token (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX temporary_password_expires_at_idx ON latchkey.temporary_password (expires_at);
