-- A database as a Traffic Ops of 7 or 8 leaves it, as far as accounts go, written from the fact sheet (Traffic Ops,
-- section 8) in our own words: its tables, what refers to them, its triggers, and people. The passwords are
-- "as it was before latchkey" (scrypt) and "an old password in hexadecimal" (SHA-1, for legacy).

CREATE TYPE http_method_t AS ENUM ('GET', 'POST', 'PUT', 'PATCH', 'DELETE');

CREATE TABLE last_deleted (table_name text PRIMARY KEY, last_updated timestamptz NOT NULL DEFAULT now());

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_updated = now();
    RETURN NEW;
END
$$;

CREATE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO last_deleted (table_name, last_updated) VALUES (TG_ARGV[0], now())
        ON CONFLICT (table_name) DO UPDATE SET last_updated = now();
    RETURN OLD;
END
$$;

CREATE TABLE tenant (
    id bigserial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    active boolean NOT NULL DEFAULT false,
    parent_id bigint DEFAULT 1 REFERENCES tenant (id),
    last_updated timestamptz NOT NULL DEFAULT now(),
    CHECK (id <> parent_id)
);

CREATE TABLE role (
    id bigserial PRIMARY KEY,
    name text NOT NULL CONSTRAINT role_name_unique UNIQUE,
    description text NOT NULL,
    priv_level bigint NOT NULL,
    last_updated timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE role_capability (
    role_id bigint NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    cap_name text NOT NULL,
    last_updated timestamptz NOT NULL DEFAULT now(),
    UNIQUE (role_id, cap_name)
);

CREATE TABLE capability (name text PRIMARY KEY, description text, last_updated timestamptz NOT NULL DEFAULT now());

CREATE TABLE api_capability (
    id bigserial PRIMARY KEY,
    http_method http_method_t NOT NULL,
    route text NOT NULL,
    capability text NOT NULL REFERENCES capability (name),
    last_updated timestamptz NOT NULL DEFAULT now(),
    UNIQUE (http_method, route, capability)
);

CREATE SEQUENCE tm_user_id_seq;
CREATE TABLE tm_user (
    id bigint NOT NULL DEFAULT nextval('tm_user_id_seq') PRIMARY KEY,
    username text NOT NULL,
    public_ssh_key text,
    role bigint REFERENCES role (id) ON DELETE SET NULL,
    uid bigint,
    gid bigint,
    local_passwd text,
    confirm_local_passwd text,
    last_updated timestamptz NOT NULL DEFAULT now(),
    company text,
    email text,
    full_name text,
    new_user boolean NOT NULL DEFAULT false,
    address_line1 text,
    address_line2 text,
    city text,
    state_or_province text,
    phone_number text,
    postal_code text,
    country text,
    token text,
    registration_sent timestamptz,
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    last_authenticated timestamptz,
    ucdn text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX idx_89765_username_unique ON tm_user (username);
CREATE UNIQUE INDEX idx_89765_tmuser_email_unique ON tm_user (email);
CREATE INDEX tm_user_role_idx ON tm_user (role);
CREATE INDEX tm_user_tenant_idx ON tm_user (tenant_id);
CREATE INDEX tm_user_changes_idx ON tm_user (last_updated DESC NULLS LAST);

CREATE TABLE log (
    id bigserial,
    level text,
    message text NOT NULL,
    tm_user bigint NOT NULL REFERENCES tm_user (id),
    ticketnum text,
    last_updated timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, tm_user)
);

CREATE TABLE parameter (id bigserial PRIMARY KEY, name text NOT NULL, config_file text, value text NOT NULL);

-- What hangs on accounts in the rest of it.
CREATE TABLE job (id bigserial PRIMARY KEY, job_user bigint NOT NULL REFERENCES tm_user (id), asset_url text NOT NULL);
CREATE TABLE federation_tmuser (
    federation bigint NOT NULL,
    tm_user bigint NOT NULL REFERENCES tm_user (id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE cdn_lock (
    username text NOT NULL REFERENCES tm_user (username) ON UPDATE CASCADE ON DELETE CASCADE,
    cdn text NOT NULL PRIMARY KEY
);

CREATE TRIGGER on_update BEFORE UPDATE ON tm_user FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER on_update BEFORE UPDATE ON role FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER on_update BEFORE UPDATE ON tenant FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER on_delete AFTER DELETE ON tm_user FOR EACH ROW EXECUTE FUNCTION note_removal('tm_user');
CREATE TRIGGER on_delete AFTER DELETE ON role FOR EACH ROW EXECUTE FUNCTION note_removal('role');
CREATE TRIGGER on_delete AFTER DELETE ON tenant FOR EACH ROW EXECUTE FUNCTION note_removal('tenant');

INSERT INTO last_deleted (table_name) VALUES ('tm_user'), ('user_role');
INSERT INTO parameter (name, config_file, value) VALUES ('tm.instance_name', 'global', 'The CDN of the Tests');
INSERT INTO tenant (name, active, parent_id) VALUES ('root', true, NULL), ('unassigned', true, 1), ('north', true, 1);
INSERT INTO role (name, description, priv_level) VALUES
    ('disallowed', 'Nothing at all', 0), ('read-only', 'Looks', 10), ('operations', 'Works', 20),
    ('admin', 'Everything', 30);
INSERT INTO role_capability (role_id, cap_name) VALUES
    (4, 'ALL'), (2, 'USER:READ'), (2, 'CDN:READ'), (3, 'USER:READ'), (3, 'USER:UPDATE'), (3, 'DELIVERY-SERVICE:READ');
INSERT INTO capability (name, description) VALUES ('auth', 'May come in');
INSERT INTO api_capability (http_method, route, capability) VALUES ('GET', 'about', 'auth');
INSERT INTO tm_user (username, role, email, full_name, local_passwd, tenant_id, token) VALUES
    ('root-admin', 4, 'admin@example.test', 'The Administrator', 'scrypt', 1, NULL),
    ('operator', 3, 'Operator@Example.Test', 'The Operator', 'scrypt', 3, 'a key that was mailed'),
    ('operator-too', 3, 'operator@example.test', 'Same letters, other case', 'scrypt', 3, NULL),
    ('legacy', 2, 'legacy@example.test', 'From long ago', '94ea53fdbecbbe12a97d0e4f37280777a9a80548', 1, NULL),
    ('blocked', 1, 'blocked@example.test', 'Blocked', 'scrypt', 1, NULL),
    ('extension', 3, NULL, 'A program', NULL, 1, NULL);
UPDATE tm_user SET local_passwd = 'SCRYPT:16384:8:1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==:Rf305Y5oSplEWZp2rfh/uJkDzeoX7/n2sIY6ioe7zb0u5/FiTMvuFIXqJM/O0P9gPKWM6G5JnZmPoqW5no2MjA=='
    WHERE local_passwd = 'scrypt';
INSERT INTO log (level, message, tm_user) VALUES ('APICHANGE', 'CDN: everything, ACTION: Created', 2);
INSERT INTO job (job_user, asset_url) VALUES (2, 'https://example.test/stale');
INSERT INTO cdn_lock (username, cdn) VALUES ('operator', 'north');
