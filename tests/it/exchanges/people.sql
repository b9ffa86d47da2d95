-- The people of the recorded exchanges, as they were before every request. Run again, it puts everything back.
-- Passwords: twelve12, victim-pass-77 (victim), legacypw1 (legacysha1, SHA-1), none. They are stored in Traffic
-- Ops' own scheme, cheaply (N = 1024), as an adopted database would have them.

DELETE FROM latchkey.outbox;
DELETE FROM latchkey.throttle;
DELETE FROM latchkey.audit_event;
DELETE FROM log;
DELETE FROM tm_user;
DELETE FROM tenant WHERE id > 2;

INSERT INTO tenant (id, name, active, parent_id, last_updated) VALUES
    (3, 'child', true, 1, '2024-01-01T00:00:00Z'),
    (4, 'inactive', false, 1, '2024-01-01T00:00:00Z');

INSERT INTO tm_user (id, username, role, email, full_name, local_passwd, tenant_id, new_user, last_updated)
SELECT person.id, person.username, role.id, person.email, person.full_name, stored.hash, person.tenant_id, person.new_user,
    '2024-01-01T00:00:00Z'
FROM (VALUES
    (1, 'admin', 'admin', 'admin@example.test', 'Admin User', 'plain', 1, false),
    (2, 'ops', 'operations', 'ops@example.test', 'Ops User', 'plain', 1, false),
    (3, 'reader', 'read-only', 'reader@example.test', 'Read Only', 'plain', 1, false),
    (4, 'portaluser', 'portal', 'portal@example.test', 'Portal User', 'plain', 1, false),
    (5, 'blocked', 'disallowed', 'blocked@example.test', 'Blocked User', 'plain', 1, false),
    (6, 'feduser', 'federation', 'fed@example.test', 'Fed User', 'plain', 1, false),
    (7, 'childops', 'operations', 'childops@example.test', 'Child Ops', 'plain', 3, false),
    (8, 'legacysha1', 'read-only', 'legacy@example.test', 'Legacy SHA1', 'legacy', 1, false),
    (9, 'nopass', 'read-only', 'nopass@example.test', 'No Password', NULL, 1, false),
    (10, 'newbie', 'read-only', 'newbie@example.test', NULL, NULL, 1, true),
    (11, 'norole', NULL, 'norole@example.test', 'No Role', 'plain', 1, false),
    (12, 'mixedcase', 'read-only', 'Mixed.Case@Example.Test', 'Mixed Case', 'plain', 1, false),
    (13, 'noemail', 'read-only', NULL, 'No Email', 'plain', 1, false),
    (14, 'victim', 'read-only', 'victim@example.test', 'Victim User', 'victim', 1, false),
    (15, 'gone', 'read-only', 'gone@example.test', 'To Be Deleted', 'plain', 1, false),
    (16, 'extension', 'operations', NULL, 'Extension User, DO NOT DELETE', NULL, 1, false)
) AS person (id, username, role, email, full_name, password, tenant_id, new_user)
LEFT JOIN role ON role.name = person.role
LEFT JOIN (VALUES
    ('plain', 'SCRYPT:1024:8:1:AAECAwQFBgcICQoLDA0ODw==:pV/bn34Mc+zItrn2DAiv7H8C2tloykUNmTkBaPsK8r6Str+0YewDxGn5SvvGPK+eT2V4E1nIF1N8p3rphJ7NgQ=='),
    ('victim', 'SCRYPT:1024:8:1:EBESExQVFhcYGRobHB0eHw==:aR+fk0QytqY42epkIb9KsxRHwQw0qynFEhRfntR5EjyJk00uYEDTj3I7boJ1QSz3qGFy+JxNMOfyej9VOMUknw=='),
    ('legacy', 'f794a62179c731f87fda3b4314722b1167907990')
) AS stored (password, hash) ON stored.password = person.password;

SELECT setval(pg_get_serial_sequence('tm_user', 'id'), 16);

-- The recorded numbers of roles are those of a fresh installation: trouter 1, admin 2, operations 3, read-only 4,
-- disallowed 5, portal 6, steering 7, federation 8. Fail early where they are not.
DO $$
BEGIN
    IF (SELECT id FROM role WHERE name = 'read-only') <> 4 OR (SELECT id FROM role WHERE name = 'admin') <> 2 THEN
        RAISE EXCEPTION 'the roles are not numbered as they were when the exchanges were recorded';
    END IF;
END
$$;
