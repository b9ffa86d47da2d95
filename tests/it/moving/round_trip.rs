//! Out of one installation, into another, out again.

use std::os::unix::fs::PermissionsExt as _;

use super::program::Place;

/// Everything that an account can be, and what makes file formats stumble.
const PEOPLE: &str = r#"
    INSERT INTO tenant (name, active, parent_id) VALUES ('b', false, 1), ('Zürich, "north"', true, 1);
    INSERT INTO tenant (name, active, parent_id) SELECT 'a', true, id FROM tenant WHERE name = 'b';
    INSERT INTO tenant (name, active, parent_id) VALUES ('beside the root', true, NULL);
    UPDATE tenant SET active = false WHERE name = 'unassigned';
    INSERT INTO role (name, description, priv_level) VALUES ('keeper', E'of\nmany "things"', 12);
    INSERT INTO role_capability (role_id, cap_name) SELECT role.id, c.name FROM role,
        (VALUES ('USER:READ'), ('b'), ('B'), ('é')) AS c (name) WHERE role.name = 'keeper' UNION ALL
        SELECT id, 'MORE' FROM role WHERE name = 'portal';
    INSERT INTO tm_user (username, email, full_name, role, tenant_id, local_passwd, new_user, registration_sent,
        last_authenticated, last_updated, ucdn, address_line1, address_line2, city, company, country, gid,
        phone_number, postal_code, public_ssh_key, state_or_province, uid)
    SELECT 'all, of "it"', 'All@Example.test', 'Ö; of the tests', r.id, t.id, '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8',
        true, '2025-12-31 23:59:59.999999+00', '2026-02-03 04:05:06+00', '2026-02-03 04:05:06.5+00', 'up', 'one', 'two',
        'three', E'four\nlines', ' five ', -6, '+7', '08', E'ssh-rsa\tAAAA', 'ten', 9223372036854775807
    FROM role r, tenant t WHERE r.name = 'keeper' AND t.name = 'a';
    INSERT INTO tm_user (username, role, tenant_id, last_updated) SELECT name, 4, 1, '2026-02-03 04:05:06+00'
        FROM (VALUES ('a'), ('B'), ('b'), ('é'), ('''')) AS n (name);"#;

#[tokio::test]
async fn what_went_out_comes_in_and_goes_out_the_same() {
    let (here, there) = (Place::new().await, Place::new().await);
    here.sql(PEOPLE).await;
    here.sql("INSERT INTO tm_user (username, tenant_id) VALUES ('without a role', 1)").await;
    for manner in [&["export", "jsonl", "--with-hashes"][..], &["export", "jsonl"]] {
        let out = here.said(manner);
        assert_eq!(out.contains("5baa61e4"), manner.len() == 3);
    }
    let out = here.said(&["export", "jsonl", "--with-hashes"]);
    let said = there.ends(0, &["import", "jsonl", "-"], &out);
    assert!(said.contains("Tenants: 4 made, 1 that nobody has yet changed, 1 there already"), "{said}");
    assert!(said.contains("Roles: 1 made, 1 that nobody has yet changed, 7 there already"), "{said}");
    assert_eq!(there.said(&["export", "jsonl", "--with-hashes"]), out);
    let before = there.digest().await;
    there.ends(0, &["import", "jsonl", "-"], &out);
    assert_eq!(there.digest().await, before, "a second time changes nothing");
}

#[tokio::test]
async fn a_table_comes_back_the_same_where_roles_and_tenants_are() {
    let (here, there) = (Place::new().await, Place::new().await);
    for place in [&here, &there] {
        place.sql(PEOPLE).await;
    }
    there.sql("DELETE FROM tm_user").await;
    let file = here.path("people.csv");
    let file = file.to_str().unwrap();
    here.said(&["export", "csv", "--with-hashes", "--output", file]);
    let out = std::fs::read_to_string(file).unwrap();
    assert!(out.starts_with("username,email,fullName,role,tenant,passwordHash,newUser,"), "{out}");
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let why = here.ends(1, &["export", "csv", "--output", file], "");
    assert!(why.contains("exists"), "{why}");
    there.ends(0, &["import", "csv", "-"], &out);
    assert_eq!(there.said(&["export", "csv", "--with-hashes"]), out);
    let plain = here.said(&["export", "csv"]);
    assert!(plain.starts_with("username,email,fullName,role,tenant,newUser,") && !plain.contains("5baa61e4"));
}
