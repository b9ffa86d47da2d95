-- The outbox: what was promised in writing and by when it must arrive. A row says what the letter is for and
-- to whom, never what stands in it: keys are minted and texts rendered as the courier sends.
-- Waiting: neither sent nor given up. In delivery: leased_until lies ahead.

CREATE TABLE latchkey.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
    kind text NOT NULL,
    dialect text NOT NULL,
    recipient text NOT NULL,
    account_id bigint CONSTRAINT outbox_account_fkey REFERENCES public.tm_user (id) ON DELETE SET NULL,
    origin text,
    link text,
    promised_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    last_failure text,
    sent_at timestamptz,
    given_up_at timestamptz,
    CONSTRAINT outbox_kind_named CHECK (kind <> ''),
    CONSTRAINT outbox_waiting_has_recipient CHECK (recipient <> '' OR sent_at IS NOT NULL),
    CONSTRAINT outbox_expires_after_promise CHECK (expires_at > promised_at),
    CONSTRAINT outbox_attempts_counted CHECK (attempts >= 0),
    CONSTRAINT outbox_ends_once CHECK (sent_at IS NULL OR given_up_at IS NULL),
    CONSTRAINT outbox_lease_ends_with_letter
        CHECK (leased_until IS NULL OR (sent_at IS NULL AND given_up_at IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- The courier takes letters in the order of promise.
CREATE INDEX outbox_waiting_idx ON latchkey.outbox (id) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- The cap on letters an hour, and housekeeping.
CREATE INDEX outbox_sent_at_idx ON latchkey.outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_given_up_at_idx ON latchkey.outbox (given_up_at) WHERE given_up_at IS NOT NULL;

-- How many letters ended how since the beginning; it outlives the rows that were counted.
CREATE TABLE latchkey.outbox_tally (
    outcome text NOT NULL CONSTRAINT outbox_tally_pkey PRIMARY KEY,
    letters bigint NOT NULL,
    CONSTRAINT outbox_tally_counted CHECK (letters >= 0)
) WITH (fillfactor = 50);
