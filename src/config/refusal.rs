//! Says what is wrong with a configuration: where, and what was probably meant. Values of the wrong kind are never
//! repeated: one of them may be a secret.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};
use figment::{
    Provider as _,
    error::{Actual, Kind},
    providers::Env,
};
use toml_edit::{ImDocument, Item};

use super::{NO_SETTINGS, PREFIX, keys};

/// The file, if there is one, read and found to be TOML.
pub(super) fn text_of(file: &Path, must_be_there: bool) -> anyhow::Result<Option<String>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_be_there => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} can't be read", file.display())),
    };
    if let Err(error) = ImDocument::parse(&*text) {
        let line = error.span().map_or(1, |span| line_at(&text, span.start));
        return Err(anyhow!("{}, line {line}: {}", file.display(), error.message().trim_end()));
    }
    Ok(Some(text))
}

/// What of the file or the environment can't be used, all of it.
pub(super) fn explained(refused: figment::Error, file: &Path, text: Option<&str>) -> anyhow::Error {
    let lines: Vec<String> = refused.into_iter().map(|error| complaint(&error, file, text)).collect();
    anyhow!("{}", lines.join("\n"))
}

fn complaint(error: &figment::Error, file: &Path, text: Option<&str>) -> String {
    let mut path = error.path.clone();
    if let Kind::UnknownField(field, _) = &error.kind
        && path.last() != Some(field)
    {
        path.push(field.clone());
    }
    let held = is_from_outside(error).then(|| variable_that_is_set(&path)).flatten();
    let place = match (&held, text.and_then(|text| line_of(text, &path))) {
        (Some(variable), _) => variable.clone(),
        (None, Some(line)) => format!("{}, line {line}", file.display()),
        (None, None) => file.display().to_string(),
    };
    let key = key(&path);
    match &error.kind {
        Kind::UnknownField(..) => {
            let by_itself = held == Some(variable(&path));
            let meant = match by_itself {
                true => nearest(&key, NO_SETTINGS).map(|meant| variable(meant.split('.'))),
                false => nearest(&key, &[]),
            };
            let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
            format!("{place}: there is no setting {key}{meant}")
        }
        kind => format!("{place}: {key} {}", trouble(kind)),
    }
}

/// Whether what can't be used came from the environment.
fn is_from_outside(error: &figment::Error) -> bool {
    let environment = Env::prefixed(PREFIX).metadata();
    error.metadata.as_ref().is_some_and(|source| source.name == environment.name)
}

/// The variable that holds what stands at the path, by itself or within a list or a section.
fn variable_that_is_set(path: &[String]) -> Option<String> {
    let is_set = |variable: &String| std::env::vars_os().any(|(name, _)| name.eq_ignore_ascii_case(variable));
    (1..=path.len()).rev().map(|depth| variable(&path[..depth])).find(is_set)
}

/// What is wrong with a value, without the value.
fn trouble(kind: &Kind) -> String {
    let is = |actual: &Actual| match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
        Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a section",
        _ => "something else",
    };
    match kind {
        Kind::InvalidType(actual, wanted) => format!("is {}, but must be {wanted}", is(actual)),
        Kind::InvalidValue(_, wanted) => format!("is out of bounds: it must be {wanted}"),
        Kind::InvalidLength(_, wanted) => format!("has the wrong length: it must be {wanted}"),
        Kind::UnknownVariant(_, known) => format!("must be one of {}", known.join(", ")),
        Kind::MissingField(field) => format!("lacks {field}"),
        Kind::DuplicateField(field) => format!("has {field} twice"),
        Kind::Message(text) => format!("can't be used: {text}"),
        _ => "can't be used".to_owned(),
    }
}

/// The known key, or one of the others, that is most like this one, if any is.
fn nearest(key: &str, others: &[&str]) -> Option<String> {
    let leaf = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let section = |key: &str| key.rsplit_once('.').map_or(String::new(), |(section, _)| section.to_owned());
    let apart = |known: &str| {
        let elsewhere = usize::from(section(known) != section(key));
        let by_leaf = strsim::osa_distance(&leaf(known), &leaf(key)) + elsewhere;
        by_leaf.min(strsim::osa_distance(known, key))
    };
    let known = keys::known();
    let sections: Vec<String> =
        known.iter().map(|key| section(key)).filter(|name| !name.is_empty()).collect();
    let others = others.iter().map(|name| (*name).to_owned());
    let all = known.into_iter().chain(sections).chain(others);
    let (distance, best) = all.map(|known| (apart(&known), known)).min_by_key(|(distance, _)| *distance)?;
    (distance <= (leaf(key).len() / 3).max(1)).then_some(best)
}

/// The path as it is written, without the places in lists.
fn key(path: &[String]) -> String {
    let names: Vec<&str> =
        path.iter().map(String::as_str).filter(|name| name.parse::<usize>().is_err()).collect();
    names.join(".")
}

fn variable(path: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = path.into_iter().map(|name| name.as_ref().to_uppercase()).collect();
    format!("{PREFIX}{}", names.join("__"))
}

/// The line on which the last part of the path that is there stands.
fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let document = ImDocument::parse(text).ok()?;
    let (mut item, mut found) = (document.as_item(), None);
    for name in path {
        let key = item.as_table_like().and_then(|table| table.key(name)).and_then(toml_edit::Key::span);
        let Some(next) = child(item, name) else { break };
        found = key.or_else(|| next.span()).map(|span| span.start).or(found);
        item = next;
    }
    found.map(|at| line_at(text, at))
}

fn child<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    match name.parse::<usize>() {
        Ok(place) => item.get(place),
        Err(_) => item.get(name),
    }
}

/// Lines are counted from one.
fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's jail hands its own error on")]
mod tests {
    use crate::config::Config;

    /// What is said about a file with this text.
    fn said(text: &str) -> String {
        let mut said = String::new();
        figment::Jail::expect_with(|jail| {
            jail.create_file("latchkey.toml", text)?;
            said = Config::load(None).err().map(|error| format!("{error:#}")).unwrap_or_default();
            Ok(())
        });
        said
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one() {
        assert_eq!(
            said("listen = '127.0.0.1:1'\n\n[session]\nat_moost = 60"),
            "latchkey.toml, line 4: there is no setting session.at_moost; did you mean session.at_most?"
        );
        assert_eq!(
            said("listne = '127.0.0.1:1'"),
            "latchkey.toml, line 1: there is no setting listne; did you mean listen?"
        );
        assert_eq!(
            said("[mail]\ntransport = 'smtp'\n[[mail.relay]]\nhost = 'a'\n[[mail.relay]]\nhsot = 'b'"),
            "latchkey.toml, line 6: there is no setting mail.relay.hsot; did you mean mail.relay.host?"
        );
    }

    #[test]
    fn a_key_in_the_wrong_section_is_told_the_right_one_and_a_strange_one_nothing() {
        assert_eq!(
            said("at_most = 60"),
            "latchkey.toml, line 1: there is no setting at_most; did you mean session.at_most?"
        );
        assert_eq!(
            said("[sesion]\nat_most = 60"),
            "latchkey.toml, line 1: there is no setting sesion; did you mean session?"
        );
        assert_eq!(said("zebra_crossings = 1"), "latchkey.toml, line 1: there is no setting zebra_crossings");
    }

    /// What is said about this variable beside a file with this text.
    fn said_of(variable: &str, value: &str, text: &str) -> String {
        let mut said = String::new();
        figment::Jail::expect_with(|jail| {
            jail.create_file("latchkey.toml", text)?;
            jail.set_env(variable, value);
            said = Config::load(None).err().map(|error| format!("{error:#}")).unwrap_or_default();
            Ok(())
        });
        said
    }

    #[test]
    fn an_unknown_variable_is_refused_under_its_own_name() {
        assert_eq!(
            said_of("LATCHKEY_SESSION__AT_MOOST", "60", ""),
            "LATCHKEY_SESSION__AT_MOOST: there is no setting session.at_moost; did you mean LATCHKEY_SESSION__AT_MOST?"
        );
    }

    #[test]
    fn a_misspelt_variable_that_is_no_setting_is_told_the_right_one_and_a_key_in_the_file_is_not() {
        for (misspelt, meant) in
            [("ADMIN_PASWORD", "ADMIN_PASSWORD"), ("ADMIN_EMIAL", "ADMIN_EMAIL"), ("CONFG", "CONFIG")]
        {
            let words = said_of(&format!("LATCHKEY_{misspelt}"), "very secret", "");
            let key = misspelt.to_lowercase();
            assert_eq!(
                words,
                format!("LATCHKEY_{misspelt}: there is no setting {key}; did you mean LATCHKEY_{meant}?")
            );
        }
        assert_eq!(
            said("admin_pasword = 'very secret'"),
            "latchkey.toml, line 1: there is no setting admin_pasword"
        );
    }

    #[test]
    fn what_stands_inside_the_value_of_a_variable_is_blamed_on_the_variable() {
        let proxies = said_of("LATCHKEY_TRUSTED_PROXIES", "[\"nonsense\"]", "trusted_proxies = ['10.0.0.1']");
        assert!(proxies.starts_with("LATCHKEY_TRUSTED_PROXIES: trusted_proxies "), "{proxies}");
        assert_eq!(
            said_of("LATCHKEY_MAIL__RELAY", "[{hsot=\"a\"}]", ""),
            "LATCHKEY_MAIL__RELAY: there is no setting mail.relay.hsot; did you mean mail.relay.host?"
        );
    }

    #[test]
    fn a_variable_is_not_blamed_for_what_stands_in_the_file() {
        assert_eq!(
            said_of("LATCHKEY_SESSION", "{at_most=60}", "[session]\nat_moost = 60"),
            "latchkey.toml, line 2: there is no setting session.at_moost; did you mean session.at_most?"
        );
        assert_eq!(
            said_of("LATCHKEY_ADMIN_PASSWORD", "very secret", "admin_password = 'very secret'"),
            "latchkey.toml, line 1: there is no setting admin_password"
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_without_being_repeated() {
        let wrong = said("[session]\n\nsecrets = 'very secret'");
        assert!(
            wrong.starts_with("latchkey.toml, line 3: session.secrets is a text, but must be"),
            "{wrong}"
        );
        assert!(!wrong.contains("very secret"));
        let variant = said("[log]\nformat = 'xml'");
        assert_eq!(variant, "latchkey.toml, line 2: log.format must be one of text, json");
    }

    #[test]
    fn what_is_no_toml_is_refused_by_its_line_and_not_repeated() {
        let broken = said("[session]\nsecrets = ['very secret]\n");
        assert!(broken.starts_with("latchkey.toml, line 2: "), "{broken}");
        assert!(!broken.contains("very secret"), "{broken}");
    }
}
