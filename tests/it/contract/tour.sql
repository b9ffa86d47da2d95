-- The people of the documents' examples. ada's password is "an analytical engine", stored cheaply in Traffic Ops'
-- own scheme; the others have none. Run again, it puts them back.

DELETE FROM latchkey.outbox;
DELETE FROM latchkey.throttle;
DELETE FROM log;
DELETE FROM tm_user;

INSERT INTO tm_user (id, username, email, full_name, city, role, tenant_id, local_passwd, last_updated)
SELECT person.id, person.username, person.email, person.full_name, person.city, role.id, tenant.id, person.hash,
    '2018-12-12T16:26:32.847362Z'
FROM (VALUES
    (7, 'ada', 'ada@example.com', 'Ada Lovelace', 'London',
        'SCRYPT:1024:8:1:ICEiIyQlJicoKSorLC0uLw==:ta9oM2n/pWr02EESUA5yULuDIuhrUjElAFQKZt9BOTt7RpsVURvdJm0eyDmTQ+fGpysE9tvjt6iKg+pBTJt3Jw=='),
    (8, 'grace', 'grace@example.com', 'Grace Hopper', NULL, NULL),
    (9, 'test', 'test@example.com', 'Test', NULL, NULL)
) AS person (id, username, email, full_name, city, hash)
JOIN role ON role.name = 'read-only'
JOIN tenant ON tenant.name = 'root';
