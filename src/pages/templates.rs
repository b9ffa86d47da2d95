//! The templates, embedded in the binary.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, HtmlEscape, UndefinedBehavior, Value, syntax::SyntaxConfig};

use super::words;
use crate::api::problem::Problem;

pub(super) const STYLE: &str = include_str!("templates/style.css");
pub(super) const ICON: &str = include_str!("templates/icon.svg");

macro_rules! embedded {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
}

const FILES: &[(&str, &str)] = embedded![
    "account.html",
    "activity.html",
    "change_email.html",
    "change_password.html",
    "confirm_email.html",
    "done.html",
    "forgot.html",
    "forgot_sent.html",
    "form.html",
    "frame.html",
    "home.html",
    "letter.html",
    "mailbox.html",
    "outbox.html",
    "problem.html",
    "profile.html",
    "register.html",
    "reset.html",
    "role.html",
    "roles.html",
    "sessions.html",
    "sign_in.html",
    "tenant.html",
    "tenants.html",
    "user.html",
    "user_edit.html",
    "user_invite.html",
    "user_new.html",
    "user_remove.html",
    "users.html",
];

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    // Lines that hold nothing but a tag leave nothing behind.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        templates.set_syntax(syntax);
    }
    templates.add_filter("fill", words::fill);
    templates.add_filter("foldable", foldable);
    templates.add_global("w", words::all());
    for (name, source) in FILES {
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(name, %error, "a page template is broken");
        }
    }
    templates
});

/// An e-mail address that may be broken before its `@`.
fn foldable(address: &str) -> Value {
    Value::from_safe_string(HtmlEscape(address).to_string().replace('@', "<wbr>@"))
}

/// Fills a template in.
///
/// # Errors
/// A 500 when the template is broken, which is a defect.
pub(super) fn render(name: &str, page: Value) -> Result<String, Problem> {
    let filled = TEMPLATES.get_template(name).and_then(|template| template.render(page));
    filled.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(name, %error, cause, "a page can't be written");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_template_is_sound() {
        assert_eq!(super::TEMPLATES.templates().count(), super::FILES.len());
    }

    /// What is not in braces, a tag or a macro's head would be words outside of `words.toml`.
    #[test]
    fn templates_hold_no_words_of_their_own() {
        for (name, source) in super::FILES {
            let mut rest = *source;
            let mut text = String::new();
            while let Some(at) = rest.find(['<', '{']) {
                text.push_str(&rest[..at]);
                let end = match &rest[at..] {
                    tag if tag.starts_with("{{") => tag.find("}}").map(|end| end + 2),
                    tag if tag.starts_with("{%") => tag.find("%}").map(|end| end + 2),
                    tag if tag.starts_with("{#") => tag.find("#}").map(|end| end + 2),
                    tag => skip_tag(tag),
                };
                rest = &rest[at + end.expect("a tag that ends")..];
            }
            text.push_str(rest);
            let classes = ["narrow", "middle", "wide"];
            let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
            // A macro may stand for attributes, whose pieces bear quotes.
            let words: Vec<_> = words.filter(|word| !classes.contains(word) && !word.contains('"')).collect();
            assert!(words.is_empty(), "{name} says {words:?}");
        }
    }

    /// The end of an HTML tag, which may hold expressions with `>` in them.
    fn skip_tag(tag: &str) -> Option<usize> {
        let mut at = 0;
        loop {
            let stop = at + tag[at..].find(['>', '{'])?;
            if tag[stop..].starts_with('>') {
                return Some(stop + 1);
            }
            let close = if tag[stop..].starts_with("{{") { "}}" } else { "%}" };
            at = stop + tag[stop..].find(close)? + 2;
        }
    }
}
