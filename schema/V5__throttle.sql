-- Throttling, shared by all instances. Subjects are digests, so that names that don't exist are counted like those
-- that do, and nobody's name is kept.

-- Sign-ins that failed, by what was tried: a name, an account, an account from a place its holder knows, a client.
CREATE TABLE latchkey.throttle (
    subject bytea NOT NULL CONSTRAINT throttle_pkey PRIMARY KEY,
    -- Since the last one that succeeded: the next one may come after a wait that grows with it.
    streak integer NOT NULL,
    -- Since counting began, at most a day ago.
    failures integer NOT NULL,
    began_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    CONSTRAINT throttle_subject_is_sha256 CHECK (octet_length(subject) = 32)
) WITH (fillfactor = 70);
CREATE INDEX throttle_began_at_idx ON latchkey.throttle (began_at);

-- Letters that anybody could ask for, by where they were to go, in the hour that began with the first.
CREATE TABLE latchkey.letter_allowance (
    recipient bytea NOT NULL CONSTRAINT letter_allowance_pkey PRIMARY KEY,
    letters integer NOT NULL,
    began_at timestamptz NOT NULL,
    CONSTRAINT letter_allowance_recipient_is_sha256 CHECK (octet_length(recipient) = 32)
) WITH (fillfactor = 70);
CREATE INDEX letter_allowance_began_at_idx ON latchkey.letter_allowance (began_at);

-- Where and with what an account was signed in to: a stranger's failures don't hold its holder back there, and the
-- holder is told of a new one.
CREATE TABLE latchkey.device (
    account_id bigint NOT NULL CONSTRAINT device_account_fkey REFERENCES public.tm_user (id) ON DELETE CASCADE,
    place text NOT NULL,
    program bytea NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT device_pkey PRIMARY KEY (account_id, place, program),
    CONSTRAINT device_program_is_sha256 CHECK (octet_length(program) = 32)
);
CREATE INDEX device_last_seen_at_idx ON latchkey.device (last_seen_at);
