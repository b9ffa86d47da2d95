-- Accounts, roles and tenants: Traffic Ops' own tables, so that its operators know them and an existing
-- database can be adopted. Names, types and constraints: fact sheet Traffic Ops, section 8.
-- What latchkey adds: no triggers (the code hands in the time), e-mail addresses unique without case, and rows of the
-- change log that outlive whoever wrote them.

-- Where the tables are there they are Traffic Ops': they stay as they are, and so does what is in them. This is the
-- only step that touches the schema "public".
DO $latchkey$
BEGIN
IF to_regclass('public.tm_user') IS NOT NULL THEN
    RETURN;
END IF;

CREATE TABLE public.tenant (
    id bigserial CONSTRAINT tenant_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT tenant_name_key UNIQUE,
    active boolean NOT NULL DEFAULT false,
    parent_id bigint DEFAULT 1 CONSTRAINT tenant_parent_id_fkey REFERENCES public.tenant (id),
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_check CHECK (id <> parent_id)
);
CREATE INDEX tenant_parent_id_idx ON public.tenant (parent_id);

CREATE TABLE public.role (
    id bigserial CONSTRAINT role_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT role_name_unique UNIQUE,
    description text NOT NULL,
    priv_level bigint NOT NULL,
    last_updated timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.role_capability (
    role_id bigint NOT NULL CONSTRAINT role_capability_role_id_fkey REFERENCES public.role (id) ON DELETE CASCADE,
    cap_name text NOT NULL,
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_capability_role_id_cap_name_key UNIQUE (role_id, cap_name)
);

CREATE TABLE public.tm_user (
    id bigserial CONSTRAINT tm_user_pkey PRIMARY KEY,
    username text NOT NULL,
    public_ssh_key text,
    role bigint CONSTRAINT fk_user_1 REFERENCES public.role (id) ON DELETE SET NULL,
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
    tenant_id bigint NOT NULL CONSTRAINT fk_tenantid REFERENCES public.tenant (id),
    last_authenticated timestamptz,
    ucdn text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX idx_89765_username_unique ON public.tm_user (username);
CREATE UNIQUE INDEX tm_user_email_caseless_unique ON public.tm_user (lower(email));
-- A reset may be asked for by user name, in any case.
CREATE INDEX tm_user_username_caseless_idx ON public.tm_user (lower(username));
CREATE INDEX idx_89765_fk_user_1 ON public.tm_user (role);
CREATE INDEX idx_k_tm_user_tenant_idx ON public.tm_user (tenant_id);
CREATE INDEX tm_user_last_updated_idx ON public.tm_user (last_updated DESC NULLS LAST);

CREATE TABLE public.log (
    id bigserial,
    level text,
    message text NOT NULL,
    tm_user bigint NOT NULL,
    ticketnum text,
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT log_pkey PRIMARY KEY (id, tm_user)
);
CREATE INDEX idx_89634_fk_log_1 ON public.log (tm_user);

-- When a row of a table was last removed: without it a list could not tell that it got shorter.
CREATE TABLE public.last_deleted (
    table_name text CONSTRAINT last_deleted_pkey PRIMARY KEY,
    last_updated timestamptz NOT NULL DEFAULT now()
);

-- Only 3.x clients still ask for these two; nothing is decided by them.
CREATE TABLE public.capability (
    name text CONSTRAINT capability_pkey PRIMARY KEY,
    description text,
    last_updated timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.api_capability (
    id bigserial CONSTRAINT api_capability_pkey PRIMARY KEY,
    http_method text NOT NULL,
    route text NOT NULL,
    capability text NOT NULL CONSTRAINT api_capability_capability_fkey REFERENCES public.capability (name),
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_capability_http_method_route_capability_key UNIQUE (http_method, route, capability)
);

INSERT INTO public.tenant (name, active, parent_id) VALUES ('root', true, NULL);
INSERT INTO public.tenant (name, active, parent_id) SELECT 'unassigned', true, id FROM public.tenant WHERE name = 'root';

INSERT INTO public.role (name, description, priv_level) VALUES
    ('trouter', 'Limited role for Traffic Router calls to Traffic Ops', 10),
    ('admin', 'Has access to everything - cannot be modified or deleted', 30),
    ('operations', 'Has all reads and most write capabilities', 20),
    ('read-only', 'Has access to all read capabilities', 10),
    ('disallowed', 'Block all access', 0),
    ('portal', 'Portal User', 2),
    ('steering', 'Steering User', 15),
    ('federation', 'Role for Secondary CZF', 15);

INSERT INTO public.role_capability (role_id, cap_name) SELECT id, 'ALL' FROM public.role WHERE name = 'admin';
INSERT INTO public.role_capability (role_id, cap_name)
    SELECT role.id, cap.name
    FROM public.role CROSS JOIN (VALUES ('USER:READ'), ('ROLE:READ'), ('TENANT:READ')) AS cap (name)
    WHERE role.name IN ('operations', 'read-only', 'portal', 'steering', 'federation');
INSERT INTO public.role_capability (role_id, cap_name)
    SELECT role.id, cap.name
    FROM public.role CROSS JOIN (VALUES
        ('USER:CREATE'), ('USER:UPDATE'), ('TENANT:CREATE'), ('TENANT:UPDATE'), ('TENANT:DELETE')) AS cap (name)
    WHERE role.name = 'operations';

END
$latchkey$;
