-- Throttling: failures counted for a name or an address, shared by all instances. The subject is a digest,
-- so that names that don't exist are counted like those that do, and nobody's name is kept.

CREATE TABLE latchkey.throttle (
    subject bytea NOT NULL CONSTRAINT throttle_pkey PRIMARY KEY,
    failures integer NOT NULL,
    first_failed_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    CONSTRAINT throttle_failures_counted CHECK (failures > 0)
);
CREATE INDEX throttle_blocked_until_idx ON latchkey.throttle (blocked_until);
