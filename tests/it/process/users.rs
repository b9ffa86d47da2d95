//! What an operator does to people, and how much room a list of many takes.

use serde_json::{Value, json};

use super::program::{ADMIN_PASSWORD, House, eventually, peak};

#[tokio::test]
async fn people_are_invited_shown_and_removed_at_the_command_line() {
    let house = House::new();
    let server = house.serve();
    let words = house.said(&["user", "invite", "fresh@example.test", "--role", "portal"]);
    assert_eq!(words, "A letter to fresh@example.test is on its way, with the role portal in root.\n");
    let letters = house.inside("mail");
    let letter = eventually("the letter", || {
        let files = std::fs::read_dir(&letters).ok()?.flatten();
        let mut texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts.find(|text| text.contains("New User Registration") && text.contains("/register?token="))
    })
    .await;
    assert!(letter.contains("To: fresh@example.test"));

    let listed = house.said(&["user", "list", "--json"]);
    let invited: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let invited = invited.into_iter().find(|user| user["email"] == "fresh@example.test").unwrap();
    let name = invited["username"].as_str().unwrap();
    let shown: Value = serde_json::from_str(&house.said(&["user", "show", name, "--json"])).unwrap();
    assert_eq!((&shown["newUser"], &shown["hasPassword"]), (&json!(true), &json!(false)));
    let table = house.said(&["user", "show", "admin"]);
    assert!(table.contains("User name                          admin\n"), "{table}");
    assert!(table.contains("Role                               admin\n"), "{table}");

    house.has("alice");
    let mut alice = server.client("alice");
    alice.sign_in(ADMIN_PASSWORD).await;
    assert_eq!(house.said(&["user", "remove", "alice"]), "alice is gone, and all sessions have ended.\n");
    assert_eq!(alice.get("user/current").await.status, 401);
    for (arguments, reason) in [
        (["user", "show", "alice"], "no account is called alice"),
        (["user", "remove", "alice"], "no account is called alice"),
        (["user", "remove", "admin"], "this is the last account that may do everything"),
        (["user", "invite", "admin@example.test"], "somebody with this address is registered already"),
    ] {
        let words = house.refused(&arguments);
        assert!(words.contains(reason), "{words}");
    }
}

#[tokio::test]
async fn who_was_disabled_at_the_command_line_comes_back_with_the_role_that_is_named_there() {
    let house = House::new();
    let server = house.serve();
    house.has("alice");
    let enable = |name, role| ["user", "enable", name, "--role", role];
    let words = house.refused(&enable("alice", "portal"));
    assert!(words.contains("alice is not disabled, and has the role read-only"), "{words}");

    house.said(&["user", "disable", "alice"]);
    let mut alice = server.client("alice");
    let refused = alice.post("user/login", json!({ "u": "alice", "p": ADMIN_PASSWORD })).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
    for (arguments, reason) in [
        (enable("nobody", "portal"), "no account is called nobody"),
        (enable("alice", "captain"), "no role is called captain"),
        (enable("alice", "disallowed"), "nobody signs in with the role disallowed: name another one"),
    ] {
        let words = house.refused(&arguments);
        assert!(words.contains(reason), "{words}");
    }

    let words = house.said(&enable("alice", "portal"));
    assert_eq!(words, "alice may sign in again, with the role portal and the present password.\n");
    alice.sign_in(ADMIN_PASSWORD).await;
    assert_eq!(alice.get("user/current").await.json()["response"]["role"], "portal");
    let trail = house.said(&["audit", "--user", "alice", "--event", "account_changed", "--json"]);
    let event: Value = serde_json::from_str(&trail).unwrap();
    assert_eq!((&event["dialect"], &event["detail"]), (&json!("cli"), &json!({ "fields": ["role"] })));
}

/// An account that programs of another system made may have no password, and an invited one has none yet.
#[test]
fn who_comes_back_without_a_password_is_told_how_to_get_one() {
    let house = House::new();
    house.said(&["migrate"]);
    house.said(&["user", "invite-link", "fresh@example.test"]);
    let listed: Value = serde_json::from_str(&house.said(&["user", "list", "--json"])).unwrap();
    let name = listed["username"].as_str().unwrap();
    house.said(&["user", "disable", name]);
    let words = house.said(&["user", "enable", name, "--role", "portal"]);
    assert!(
        words.ends_with(&format!("`latchkey user reset-link {name}` prints a link to set one.\n")),
        "{words}"
    );
    assert!(house.said(&["user", "reset-link", name]).contains("?token="), "and that is so");
}

#[tokio::test]
async fn sessions_are_seen_and_ended_at_the_command_line() {
    let house = House::new();
    let server = house.serve();
    house.has("alice");
    let mut alice = server.client("alice").with("user-agent", "inventory/2.1");
    alice.sign_in(ADMIN_PASSWORD).await;
    let mut other = server.client("alice");
    other.sign_in(ADMIN_PASSWORD).await;
    let listed = house.said(&["session", "list", "alice", "--json"]);
    let sessions: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(sessions.len(), 2, "{listed}");
    let programs: Vec<&Value> = sessions.iter().map(|session| &session["program"]).collect();
    assert!(programs.contains(&&json!("inventory/2.1")), "{listed}");
    assert!(sessions.iter().all(|session| session["address"] == "127.0.0.1"), "{listed}");
    let table = house.said(&["session", "list", "alice"]);
    assert!(table.starts_with("LAST SEEN") && table.contains("inventory/2.1\n"), "{table}");

    let words = house.said(&["session", "end", "alice"]);
    assert_eq!(words, "All sessions and tokens of alice have ended.\n");
    for ended in [&alice, &other] {
        assert_eq!(ended.get("user/current").await.status, 401);
    }
    assert_eq!(house.said(&["session", "list", "alice", "--json"]), "");
    let trail = house.said(&["audit", "--user", "alice", "--event", "sessions_ended", "--json"]);
    assert!(trail.contains("\"cli\""), "{trail}");
    alice.sign_in(ADMIN_PASSWORD).await;
    let words = house.refused(&["session", "end", "nobody"]);
    assert!(words.contains("no account is called nobody"), "{words}");
}

/// Ten thousand users are 4.6 MB of JSON, 18 MB for four clients that read slowly. Packed it is a fraction of that, and
/// nobody holds a database connection meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_ten_thousand_takes_little_room_however_many_wait_for_it() {
    use tokio::io::AsyncWriteExt as _;
    const READERS: usize = 4;
    let house = House::new();
    let server = house.serve();
    let database = house.database().await;
    database
        .batch_execute(
            "INSERT INTO tm_user (username, email, full_name, city, role, tenant_id) \
             SELECT 'user' || n, 'user' || n || '@example.test', 'User ' || n, 'City ' || n % 100, 4, 1 \
             FROM generate_series(1, 9999) n",
        )
        .await
        .unwrap();
    let mut admin = server.client("admin");
    admin.sign_in(ADMIN_PASSWORD).await;
    assert_eq!(admin.get("users?limit=1").await.status, 200);
    let before = peak(server.pid());
    let cookie = admin.cookie("mojolicious").unwrap().to_owned();
    let head =
        format!("GET /api/5.0/users HTTP/1.1\r\nHost: latchkey.test\r\nCookie: mojolicious={cookie}\r\n\r\n");
    let mut slow = Vec::new();
    for _ in 0..READERS {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    assert_eq!(
        admin.get("users?limit=1").await.status,
        200,
        "there are connections for others while lists are made"
    );
    let is_whole = |line: &str| {
        line.contains("operation=\"users\"") && line.contains("status=200") && line.contains(" bytes=46")
    };
    let made = || server.log().lines().filter(|line| is_whole(line)).count() == READERS;
    eventually("all lists are made", || made().then_some(())).await;
    assert_eq!(admin.get("users?limit=1").await.status, 200, "and while they wait to be read");
    let growth = peak(server.pid()) - before;
    println!("{READERS} slow readers of 10,000 users: {growth} KiB more than before");
    assert!(growth < 9 * 1024, "{growth} KiB");
}
