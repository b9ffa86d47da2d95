-- Accounts that were removed: who the numbers in the change log and in the audit trail stood for.

CREATE TABLE latchkey.removed_account (
    id bigint NOT NULL CONSTRAINT removed_account_pkey PRIMARY KEY,
    username text NOT NULL,
    full_name text,
    removed_at timestamptz NOT NULL,
    removed_by bigint
);
