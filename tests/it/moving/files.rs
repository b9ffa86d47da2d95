//! Files that people wrote, with everything wrong in them that there can be.

use super::program::Place;

/// Of `twelve12!`: Argon2, PBKDF2 as Django writes it, scrypt as passlib does.
const HASHES: [(&str, &str); 3] = [
    (
        "argon",
        "$argon2id$v=19$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$G6vNKjTRJbf4R7vvhe4DJySUKL2k8iprp9YDmgKfugg",
    ),
    ("django", "pbkdf2_sha256$1000$djangosalt12$V6YNmH+b3jxI5Pi0vvRMf2ErC10Uzh0vNAgffaXwnAw="),
    ("passlib", "$scrypt$ln=4,r=8,p=1$YSBzYWx0IG9mIDE2IGJ5dA$cKnWwXbTbkcUEbJ+/OJ53XupqFLFVpebodh9rV/fYH8"),
];

#[tokio::test]
async fn hashes_of_other_servers_let_people_in_once_and_are_replaced() {
    use crate::support::{Client, TestApp};
    let place = Place::new().await;
    let lines = HASHES.map(|(name, hash)| {
        serde_json::json!({ "username": name, "role": "read-only", "passwordHash": hash }).to_string()
    });
    let said = place.ends(0, &["import", "jsonl", "-"], &lines.join("\n"));
    assert!(said.contains("Accounts: 3 made"), "{said}");
    let app = TestApp::on(place.url.clone(), |_| {}).await;
    for (name, _) in HASHES {
        let mut client = Client::new(app.address(), Some(name.to_owned()));
        client.sign_in("twelve12!").await;
    }
    let kept = "SELECT count(*)::text FROM tm_user WHERE local_passwd LIKE '$bcrypt-sha256$%'";
    assert_eq!(place.text(kept).await, "3");
}

const TABLE: &str = "\u{feff}username,email,fullName,role,gid,lastUpdated\r
ann,ann@example.test,\"Ann, the \"\"first\"\"\",read-only,7,2026-01-02T03:04:05.6Z\r
,blank@example.test,,read-only,,\r
bea,not-an-address,,read-only,,\r
cat,ANN@example.test,,read-only,,\r
dot,dot@example.test,,no such role,,\r
eve,eve@example.test,,,,\r
fay,fay@example.test,,read-only,seven,\r
gil,gil@example.test,,read-only,,yesterday\r
hal,hal@example.test,,read-only\r
ann,ann@example.test,,read-only,,\r
ann,another@example.test,,read-only,,\r
\"ivy\r\nof two lines\",ivy@example.test,,read-only,,\r
kim,kim@example.test,,read-only,8,\r
";

#[tokio::test]
async fn bad_rows_are_reported_with_their_lines_and_the_others_come_in() {
    let place = Place::new().await;
    let file = place.file("people.csv", TABLE);
    let said = place.ends(3, &["import", "csv", &file], "");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "line 3: a user name is needed",
            "line 4, \"bea\": this is not an e-mail address",
            "line 5, \"cat\": the address is also in line 2",
            "line 6, \"dot\": no role is called no such role",
            "line 7, \"eve\": it names no role",
            "line 8: gid: invalid digit found in string",
            "line 9: a time is none: the 'year' component could not be parsed",
            "line 10: it has 4 cells where the first line has 6",
            "line 12, \"ann\": the user name is also in line 2, with another address",
            "line 13, \"ivy\\r\\nof two lines\": the user name holds control characters",
            "Tenants: 0 made, 0 there already",
            "Roles: 0 made, 0 there already",
            "Accounts: 2 made, 1 there already",
            "Not taken in: 10",
        ]
    );
    let ann = "SELECT full_name || gid || (last_updated = '2026-01-02 03:04:05.6+00') FROM tm_user WHERE username = 'ann'";
    assert_eq!(place.text(ann).await, "Ann, the \"first\"7true");

    let more = ["--default-role", "portal", "--default-tenant", "unassigned"];
    let said = place.ends(3, &[&["import", "csv"], &more[..], &[&file]].concat(), "");
    assert!(said.contains("Accounts: 1 made, 3 there already"), "{said}");
    let eve = "SELECT r.name || t.name FROM tm_user u JOIN role r ON r.id = u.role JOIN tenant t ON t.id = u.tenant_id \
         WHERE username = 'eve'";
    assert_eq!(place.text(eve).await, "portalunassigned");
}

#[tokio::test]
async fn strict_is_all_or_nothing() {
    let place = Place::new().await;
    let file = place.file("people.csv", TABLE);
    let why = place.ends(1, &["import", "csv", "--strict", &file], "");
    assert_eq!(why, "latchkey: line 3: a user name is needed; nothing was kept\n");
    assert_eq!(place.text("SELECT count(*)::text FROM tm_user").await, "0");
    let fine = "username,role\nann,read-only\nbob,portal\n";
    place.ends(0, &["import", "csv", "--strict", "-"], fine);
    assert_eq!(place.text("SELECT count(*)::text FROM tm_user").await, "2");
}

#[tokio::test]
async fn a_file_that_can_not_be_understood_is_told_so_at_once() {
    let place = Place::new().await;
    for (content, why) in [
        ("username,passwd\na,b\n", "no account has the column \"passwd\"; known are username, email,"),
        ("username,username\na,b\n", "the column \"username\" is there twice"),
        ("email,role\na,b\n", "one of them must be username"),
        ("", "one of them must be username"),
    ] {
        let said = place.ends(1, &["import", "csv", "-"], content);
        assert!(said.contains(why), "{said}");
    }
    let said = place.ends(1, &["import", "jsonl", "no such file"], "");
    assert!(said.contains("no such file"), "{said}");
    let open = format!("username,role\nann,read-only\n\"bob,read-only\n{}", "x,y\n".repeat(400_000));
    let said = place.ends(1, &["import", "csv", "-"], &open);
    assert!(
        said.contains("line 3: a row is longer than 1048576 bytes; is a quotation mark not closed?"),
        "{said}"
    );
}

#[tokio::test]
async fn nothing_that_a_line_holds_stops_the_rest() {
    let place = Place::new().await;
    let mut lines: Vec<Vec<u8>> = [
        r#"{"kind":"tenant","name":"south","parent":"root","active":true}"#,
        r#"{"kind":"tenant","name":"lost","parent":"nowhere"}"#,
        r#"{"kind":"tenant","name":""}"#,
        r#"{"kind":"tenant","name":"root","active":false}"#,
        r#"{"kind":"role","name":"keeper","description":"a\u0000b"}"#,
        r#"{"kind":"role","name":"keeper","permissions":["USER:READ","USER:READ",""]}"#,
        r#"{"kind":"role","name":"keeper","permissions":["USER:READ","USER:READ"]}"#,
        r#"{"kind":"cat","name":"tom"}"#,
        "[1,2]",
        "{\"username\":",
        r#"{"username":"nul","role":"keeper","city":"a\u0000b"}"#,
        r#"{"username":"crlf","role":"keeper","fullName":"a\r\nBcc: x@y.test"}"#,
        r#"{"username":"big","role":"keeper","uid":99999999999999999999}"#,
        r#"{"username":"lone","role":"keeper","tenant":"elsewhere"}"#,
        r#"{"username":"dear","role":"keeper","passwordHash":"$2b$31$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a"}"#,
        "",
        r#"{"username":"fine","role":"keeper","tenant":"south","unheard":"of"}"#,
        r#"{"username":"fine","role":"keeper","tenant":"south"}"#,
    ]
    .map(|line| line.as_bytes().to_vec())
    .to_vec();
    lines.push(vec![0xff, 0xfe, b'{']);
    lines.push([b"{\"username\":\"", &*vec![b'x'; 3 << 20], b"\",\"role\":\"keeper\"}"].concat());
    lines.push("[".repeat(100_000).into_bytes());
    lines.push(br#"{"username":"last","role":null}"#.to_vec());
    let file = place.file("people.jsonl", lines.join(&b'\n'));
    let said = place.ends(3, &["import", "jsonl", &file], "");
    let refused: Vec<u64> = said
        .lines()
        .filter_map(|line| line.strip_prefix("line ")?.split([',', ':']).next()?.parse().ok())
        .collect();
    assert_eq!(refused, [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 21], "{said}");
    assert!(
        said.contains("line 15, \"dear\": the password hash asks for more work than is given to a login\n")
    );
    assert!(said.contains("line 20: it is longer than 1048576 bytes\n"));
    assert!(said.ends_with(
        "Tenants: 1 made, 0 there already\nRoles: 1 made, 0 there already\nAccounts: 2 made, 0 there already\n\
         Not taken in: 17\n"
    ));
}

#[tokio::test]
async fn a_role_that_somebody_has_and_a_tenant_that_somebody_is_in_stay_as_they_are() {
    let place = Place::new().await;
    place
        .sql(
            "INSERT INTO tenant (name, active, parent_id) VALUES ('upper', true, 1); \
             INSERT INTO tenant (name, active, parent_id) SELECT 'lower', true, id FROM tenant WHERE name = 'upper'; \
             INSERT INTO tm_user (username, role, tenant_id) SELECT 'held', r.id, t.id FROM role r, tenant t \
               WHERE r.name = 'portal' AND t.name = 'lower'",
        )
        .await;
    let before = place.digest().await;
    let said = place.ends(
        3,
        &["import", "jsonl", "-"],
        r#"{"kind":"tenant","name":"upper","parent":"root","active":false}
           {"kind":"tenant","name":"upper","parent":"lower","active":true}
           {"kind":"role","name":"portal","permissions":["ALL"]}
           {"kind":"role","name":"admin","permissions":[]}
           {"username":"held","email":"somebody@example.test","role":"portal"}"#,
    );
    assert_eq!(said.matches("is here already").count(), 3, "{said}");
    assert!(
        said.contains("line 5, \"held\": the user name is that of an account with another address"),
        "{said}"
    );
    assert_eq!(place.digest().await, before);
    place.sql("DELETE FROM tm_user").await;
    let said = place.ends(
        3,
        &["import", "jsonl", "-"],
        r#"{"kind":"tenant","name":"upper","parent":"lower","active":true}
           {"kind":"tenant","name":"lower","parent":"root","active":false}"#,
    );
    assert!(said.contains("line 1, \"upper\": the tenant above it is below it"), "{said}");
    assert!(said.contains("Tenants: 0 made, 1 that nobody has yet changed"), "{said}");
}
