//! The texts of letters, embedded in the binary.
//!
//! `<kind>` is what latchkey says by itself, `<dialect>/<kind>` the words of a contract.

use std::{error::Error as _, fs, io, path::Path};

use minijinja::{AutoEscape, Environment, Template, UndefinedBehavior};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
}

const FILES: &[(&str, &str)] = embedded![
    "letter.html",
    "foot.txt",
    "password_reset.html",
    "password_reset.txt",
    "password_changed.html",
    "password_changed.txt",
    "registration.html",
    "registration.txt",
    "email_confirmation.html",
    "email_confirmation.txt",
    "email_changed.html",
    "email_changed.txt",
    "new_device.html",
    "new_device.txt",
    "account_disabled.html",
    "account_disabled.txt",
    "test.html",
    "test.txt",
    "timeslot/generated_password.html",
    "timeslot/generated_password.txt",
    "teen_quotes/password_reset.html",
    "teen_quotes/password_reset.txt",
    "buddha_jones/password_reset.html",
    "buddha_jones/password_reset.txt",
    "buddha_jones/generated_password.html",
    "buddha_jones/generated_password.txt",
];

/// Reads them all.
pub(super) fn all() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    for (name, source) in FILES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Which dialects have words of their own for which kinds of letter.
pub(super) fn dialects_with(kind: &str) -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(move |(name, _)| {
        let (dialect, file) = name.split_once('/')?;
        (file.strip_suffix(".txt") == Some(kind)).then_some(dialect)
    })
}

/// Whether latchkey has words for a kind of letter that are no contract's.
pub(super) fn has_own(kind: &str) -> bool {
    FILES.iter().any(|(name, _)| name.strip_suffix(".txt") == Some(kind))
}

/// Puts the files of an operator's folder in the place of those with the same names.
pub(super) fn replace(templates: &mut Environment<'static>, folder: &Path) -> Result<(), String> {
    for place in fs::read_dir(folder).map_err(unreadable(folder))? {
        let place = place.map_err(unreadable(folder))?.path();
        match place.is_dir() {
            true => {
                for file in fs::read_dir(&place).map_err(unreadable(&place))? {
                    let file = file.map_err(unreadable(&place))?;
                    replace_one(templates, folder, &file.path())?;
                }
            }
            false => replace_one(templates, folder, &place)?,
        }
    }
    Ok(())
}

fn replace_one(templates: &mut Environment<'static>, folder: &Path, file: &Path) -> Result<(), String> {
    let name = file.strip_prefix(folder).ok().and_then(Path::to_str).unwrap_or_default();
    let Some((name, _)) = FILES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "{}: no letter has this template; there are {}",
            file.display(),
            known.join(", ")
        ));
    };
    let source = fs::read_to_string(file).map_err(unreadable(file))?;
    let source = source.replace("\r\n", "\n");
    let added = templates.add_template_owned(*name, source);
    added.map_err(|defect| format!("{} is no template: {defect}", file.display()))
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> String + '_ {
    move |cause| format!("{} can't be read: {cause}", path.display())
}

/// The mistake itself, in the file where it stands: the engine tells first of the files that take that one in.
pub(super) fn innermost(defect: &minijinja::Error) -> &minijinja::Error {
    defect.source().and_then(|source| source.downcast_ref()).map_or(defect, innermost)
}

/// The template of a kind of letter in the words of a dialect, if it has any, or else in latchkey's own.
pub(super) fn worded<'a>(
    templates: &'a Environment<'static>,
    dialect: &str,
    file: &str,
) -> Result<Template<'a, 'a>, minijinja::Error> {
    templates.get_template(&format!("{dialect}/{file}")).or_else(|_| templates.get_template(file))
}
