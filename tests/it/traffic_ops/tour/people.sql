-- The people of the documents' examples. ada's password is "an analytical engine", stored cheaply in Traffic Ops'
-- own scheme, and so are those of mary, who may do everything, and joseph, who may do nothing; the others have
-- none. Run again, it puts them back.

DELETE FROM latchkey.outbox;
DELETE FROM latchkey.throttle;
DELETE FROM log;
DELETE FROM tm_user;
DELETE FROM role WHERE id > 8;
DELETE FROM tenant WHERE id > 2;

INSERT INTO tenant (id, name, active, parent_id) VALUES
    (3, 'engines', true, 1), (4, 'looms', true, 3), (5, 'mills', false, 1);
SELECT setval('tenant_id_seq', 5);

INSERT INTO role (id, name, description, priv_level) VALUES
    (9, 'clerk', 'Keeps the books', 10), (10, 'porter', 'Opens the doors', 0);
INSERT INTO role_capability (role_id, cap_name) VALUES (9, 'BOOKS:READ'), (9, 'BOOKS:CREATE');
SELECT setval('role_id_seq', 10);

INSERT INTO tm_user (id, username, email, full_name, city, role, tenant_id, local_passwd, last_updated)
SELECT person.id, person.username, person.email, person.full_name, person.city, role.id, tenant.id,
    CASE WHEN person.has_password THEN
        'SCRYPT:1024:8:1:ICEiIyQlJicoKSorLC0uLw==:ta9oM2n/pWr02EESUA5yULuDIuhrUjElAFQKZt9BOTt7RpsVURvdJm0eyDmTQ+fGpysE9tvjt6iKg+pBTJt3Jw=='
    END,
    '2018-12-12T16:26:32.847362Z'
FROM (VALUES
    (7, 'ada', 'ada@example.com', 'Ada Lovelace', 'London', 'read-only', 'root', true),
    (8, 'grace', 'grace@example.com', 'Grace Hopper', NULL, 'read-only', 'root', false),
    (9, 'test', 'test@example.com', 'Test', NULL, 'read-only', 'root', false),
    (10, 'mary', 'mary@example.com', 'Mary Somerville', NULL, 'admin', 'root', true),
    (11, 'joseph', 'joseph@example.com', 'Joseph Clement', NULL, 'clerk', 'looms', true)
) AS person (id, username, email, full_name, city, role, tenant, has_password)
JOIN role ON role.name = person.role
JOIN tenant ON tenant.name = person.tenant;
SELECT setval('tm_user_id_seq', 11);
