//! The example holds what the types hold: every key, and the defaults.

use figment::{
    Figment,
    providers::{Format as _, Toml},
};

use super::*;

/// The example with what is commented out put in: `#key = value` and `#[section]`, without a space.
fn complete() -> String {
    let put_in = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(put_in).collect::<Vec<_>>().join("\n")
}

fn read(text: &str) -> Config {
    Figment::from(Toml::string(text)).extract().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_example_is_the_defaults() {
    assert!(read(EXAMPLE) == Config::default(), "a value in src/config/latchkey.toml is not the default");
}

#[test]
fn the_example_holds_every_key_and_no_other() {
    let complete = complete();
    // Whatever it holds is known.
    read(&complete);
    let written = toml_edit::ImDocument::parse(complete).unwrap();
    let missing: Vec<String> =
        keys::known().into_iter().filter(|key| !holds(written.as_item(), key)).collect();
    assert!(
        missing.is_empty(),
        "add them to src/config/latchkey.toml, each with a line that says what it is: {missing:#?}"
    );
}

fn holds(item: &toml_edit::Item, key: &str) -> bool {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let Some(next) = item.get(first) else { return false };
    let next = next.get(0).unwrap_or(next);
    rest.is_none_or(|rest| holds(next, rest))
}

#[test]
fn every_key_of_the_example_is_explained() {
    let mut section = String::new();
    let mut explained = false;
    for line in EXAMPLE.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        let is_key = bare
            .split_once(" = ")
            .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        if bare.starts_with('[') {
            section = bare.to_owned();
        } else if is_key {
            // What several sections share is explained in the first, and a password stands beside its user's name.
            let known = section.starts_with("[[mail")
                || ["enabled", "mount", "unknown_account", "password"]
                    .iter()
                    .any(|key| bare.starts_with(key));
            assert!(explained || known, "{section} {line} has no line that says what it is");
        }
        explained = line.starts_with("# ");
    }
}

#[test]
fn every_secret_has_a_file() {
    let keys = keys::known();
    for key in [
        "session.secrets",
        "mail.smtp.password",
        "mail.relay.password",
        "database.url",
        "dialects.timeslot.fixed_password",
    ] {
        assert!(keys.contains(&format!("{key}_file")), "{key}_file");
    }
    let secret =
        |key: &&String| key.contains("secret") || key.ends_with("password") || key.ends_with("token");
    for key in keys.iter().filter(secret) {
        assert!(key.ends_with("_file") || keys.contains(&format!("{key}_file")), "{key} has no {key}_file");
    }
}

#[test]
#[expect(clippy::result_large_err, reason = "figment's jail hands its own error on")]
fn a_secret_is_read_from_its_file_and_not_named_twice() {
    figment::Jail::expect_with(|jail| {
        jail.create_file("url", "postgresql://latchkey@db/latchkey\n")?;
        jail.create_file("latchkey.toml", "database.url_file = 'url'")?;
        let config = Config::load(None).map_err(|error| error.to_string())?;
        assert_eq!(config.database.url.as_deref(), Some("postgresql://latchkey@db/latchkey"));
        jail.create_file("latchkey.toml", "database.url_file = 'url'\ndatabase.url = 'host=/run'")?;
        let refused = Config::load(None).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(refused, "database.url and database.url_file are both set: use one of them");
        Ok(())
    });
}
