-- Audit: what was done to accounts, by whom, from where. Rows outlive the accounts they speak of.

CREATE TABLE latchkey.audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_event_pkey PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    event text NOT NULL,
    account_id bigint,
    actor_id bigint,
    dialect text,
    address text,
    detail jsonb
);
CREATE INDEX audit_event_account_idx ON latchkey.audit_event (account_id, happened_at DESC);
CREATE INDEX audit_event_happened_at_idx ON latchkey.audit_event (happened_at);
