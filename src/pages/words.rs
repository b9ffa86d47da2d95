//! Every word that a person reads on a page. They stand in `words.toml`, and nowhere else.

use std::sync::LazyLock;

use minijinja::{
    Value,
    value::{Kwargs, Serde},
};
use toml::Table;

static WORDS: LazyLock<Table> = LazyLock::new(|| {
    include_str!("words.toml").parse().unwrap_or_else(|error| {
        tracing::error!(%error, "the words of the pages can't be read");
        Table::new()
    })
});

static FOR_TEMPLATES: LazyLock<Value> = LazyLock::new(|| Value::from(Serde(&*WORDS)));

/// All of them, for templates.
pub(super) fn all() -> Value {
    FOR_TEMPLATES.clone()
}

/// The words at a dotted key, if there are any.
pub(super) fn find(key: &str) -> Option<&'static str> {
    let (path, last) = key.rsplit_once('.')?;
    let table = path.split('.').try_fold(&*WORDS, |table, name| table.get(name)?.as_table())?;
    table.get(last)?.as_str()
}

/// The words at a dotted key. A key without words shows itself, and a test finds it.
pub(super) fn say(key: &str) -> String {
    find(key).unwrap_or(key).to_owned()
}

/// Puts texts in where `{name}` stands.
pub(super) fn filled(text: &str, gaps: &[(&str, &str)]) -> String {
    gaps.iter().fold(text.to_owned(), |text, (name, put)| text.replace(&format!("{{{name}}}"), put))
}

/// [`filled`], as a filter of templates: `{{ w.page.greeting|fill(name=me.username) }}`.
pub(super) fn fill(text: &str, gaps: Kwargs) -> Result<String, minijinja::Error> {
    let mut out = text.to_owned();
    for name in gaps.args() {
        out = out.replace(&format!("{{{name}}}"), &gaps.get::<Value>(name)?.to_string());
    }
    gaps.assert_all_used()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn words_are_found_and_filled() {
        assert_eq!(find("no.such.words"), None);
        assert!(find("problem.404.title").is_some());
        assert_eq!(filled("{a} and {b}", &[("a", "1"), ("b", "2")]), "1 and 2");
    }

    /// Keys in templates are checked by rendering; those in the code stand in `say("…")`.
    #[test]
    fn whatever_the_code_says_has_words() {
        let mut missing = Vec::new();
        look_through(Path::new("src/pages"), &mut missing);
        assert!(missing.is_empty(), "no words for {missing:?}");
    }

    fn look_through(folder: &Path, missing: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look_through(&path, missing);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let keys = text.split("say(\"").skip(1).filter_map(|rest| rest.split_once('"'));
                let keys = keys.map(|(key, _)| key).filter(|key| !key.contains('…') && find(key).is_none());
                missing.extend(keys.map(str::to_owned));
            }
        }
    }
}
