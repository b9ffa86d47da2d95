//! What an installation begins with (`deploy/`): every setting in it is one, and so is every command.

use std::{fs, path::Path};

use super::program::Place;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

/// Every file of the folder.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), file(&name))).collect()
}

/// The program reads its settings and does nothing: those that it does not know it refuses.
#[track_caller]
fn reads(place: &Place, configuration: &str, variables: &[(String, String)]) {
    let path = place.file("settings.toml", configuration);
    let output = place.run_with(&["routes", "--config", &path], variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What a container file or a compose file sets: `LATCHKEY_NAME=value` or `LATCHKEY_NAME: "value"`.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let Some(at) = line.find("LATCHKEY_") else { continue };
        let name: String =
            line[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let value = line[at + name.len()..].trim_start_matches(['=', ':', ' ']).trim_end_matches(['\\', ' ']);
        found.push((name, value.trim_matches('"').to_owned()));
    }
    found
}

#[tokio::test]
async fn every_setting_is_one() {
    let place = Place::new().await;
    let text = place.file("secret", "a text of a secret that is long enough");
    let there = |content: &str| content.replace("/etc/latchkey/", &text.replace("secret", "")).to_owned();
    // The files that it names are there, under these names.
    for name in ["database-url", "smtp-password", "session-secrets"] {
        place.file(name, "host=localhost");
    }
    let toml = there(&file("latchkey.toml"));
    reads(&place, &toml, &[]);
    let commented: String = toml
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.contains(" = ") || rest.starts_with('['))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(commented.contains("\n[session]\n") && commented.contains("\nsecrets_file = "), "{commented}");
    reads(&place, &commented, &[]);

    let (container, compose) = (variables(&file("Containerfile")), variables(&file("compose.yaml")));
    assert!(container.len() >= 4 && compose.len() >= 8, "{container:?} {compose:?}");
    let both: Vec<_> = [container, compose]
        .concat()
        .into_iter()
        .map(|(name, value)| (name, value.replace("/run/secrets/", &text.replace("secret", ""))))
        .collect();
    reads(&place, "", &both);
    let output = place.run_with(&["routes"], &[("LATCHKEY_LISTENN".to_owned(), "x".to_owned())]);
    assert!(!output.status.success(), "and what is none is refused");
}

/// What follows the program's name, in a command or in a list of arguments.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        for after in line.split("/usr/local/bin/latchkey").skip(1).chain(line.split("`latchkey ").skip(1)) {
            let words = after.split('`').next().unwrap().split([' ', ',', '"', '[', ']']);
            found.push(words.filter(|word| !word.is_empty()).map(str::to_owned).collect());
        }
    }
    found
}

#[tokio::test]
async fn every_command_is_one() {
    let place = Place::new().await;
    let mut tried = 0;
    for (name, text) in files() {
        for words in commands(&text) {
            let is_command = words.first().is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase()));
            if !is_command {
                continue;
            }
            let arguments: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
            let output = place.run(&arguments, "");
            assert!(output.status.success(), "{name}: latchkey {words:?}");
            tried += 1;
        }
    }
    assert!(tried >= 4, "{tried} commands");
}

#[test]
fn the_unit_waits_longer_than_the_server_takes_to_stop() {
    let unit = file("latchkey.service");
    let number = |key: &str| {
        let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.and_then(|value| value.parse::<u64>().ok()).unwrap_or_else(|| panic!("{key}"))
    };
    let drain = latchkey::config::Config::default().limits.drain_timeout.as_secs();
    assert!(number("TimeoutStopSec") > drain);
    assert!(unit.contains("Type=notify\n") && unit.contains("User=latchkey\n"));
}

#[tokio::test]
async fn a_server_is_asked_how_it_is() {
    use crate::process::program::House;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let house = House::new().with("LATCHKEY_OBSERVE__LISTEN", format!("127.0.0.1:{port}"));
    assert!(!house.run(&["probe"], "").status.success(), "nobody is there yet");
    let _server = house.serve();
    for arguments in [&["probe"][..], &["probe", "--ready"]] {
        house.said(arguments);
    }
    assert!(House::new().refused(&["probe"]).contains("observe.listen is not set"));
}
