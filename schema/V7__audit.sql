-- Audit: what was done to accounts, by whom, from where. Rows outlive the accounts they speak of, and hold no secret.

CREATE TABLE latchkey.audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_event_pkey PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    event text NOT NULL,
    -- Whom it is about; none where a name was tried that nobody has, and where roles, tenants and clients change.
    account_id bigint,
    -- Whose sign-in it was done with; none for strangers and for operators at the command line.
    actor_id bigint,
    -- The contract it came by, `pages` or `cli`.
    dialect text NOT NULL,
    address text,
    detail jsonb,
    CONSTRAINT audit_event_named CHECK (event <> '')
);
CREATE INDEX audit_event_account_idx ON latchkey.audit_event (account_id, id DESC);
CREATE INDEX audit_event_actor_idx ON latchkey.audit_event (actor_id, id DESC);
CREATE INDEX audit_event_happened_at_idx ON latchkey.audit_event (happened_at);
