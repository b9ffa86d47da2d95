//! Turns an occasion into a letter, by the templates beside this file.

use std::time::Duration;

use lettre::message::Mailbox;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};

use super::letter::{Draft, Letter, address};
use crate::{
    domain::{LetterKind, ResetKey},
    store::{accounts::Addressee, outbox::PromisedLetter},
};

const MOMENT: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
/// Where the key stands in [`Instance::reset_link`].
const KEY: &str = "{key}";

/// What every letter of this server says about it.
pub struct Instance {
    /// What the letters call the server.
    pub name: String,
    /// The sender: an address, or `Name <address>`; without a name, `name` is shown.
    pub from: String,
    /// Where the server is for people, for example `https://login.example.test`. Never taken from a request.
    pub public_url: String,
    /// The link in a reset letter, with `{key}` where the key stands.
    pub reset_link: String,
}

/// Why an [`Instance`] can't write letters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceRefused {
    /// The name is empty or holds control characters.
    #[error("the instance's name is empty or holds control characters")]
    Name,
    /// The sender can't be read.
    #[error("the sender must be an e-mail address, or a name and an address as in `Name <address>`")]
    From,
    /// A link does not start with `http://` or `https://`, or holds white space or control characters.
    #[error("the public URL must be an http or https address")]
    PublicUrl,
    /// The reset link is not such a link, or has not got `{{key}}` in it exactly once.
    #[error("the reset link must be an http or https address with {{key}} in it once")]
    ResetLink,
    /// A template can't be read.
    #[error("a letter's template can't be read: {0}")]
    Template(String),
}

/// Why a letter could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The recipient is no address that a mail server would take.
    #[error("the recipient's address can't be used in mail")]
    Address,
    /// The subject holds control characters.
    #[error("the subject holds control characters")]
    Subject,
    /// The text template does not start with `Subject: …` and an empty line.
    #[error("the text template has no subject")]
    NoSubject,
    /// A template failed.
    #[error("the template failed: {0}")]
    Template(#[from] minijinja::Error),
    /// The message could not be put together.
    #[error("the message can't be composed: {0}")]
    Message(#[from] lettre::error::Error),
}

/// What a letter is about.
pub enum Subject<'a> {
    /// A key to choose a new password with.
    PasswordReset(&'a ResetKey),
    /// The news that the password was changed.
    PasswordChanged,
}

impl Subject<'_> {
    const fn kind(&self) -> LetterKind {
        match self {
            Self::PasswordReset(_) => LetterKind::PasswordReset,
            Self::PasswordChanged => LetterKind::PasswordChanged,
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::PasswordReset(_) => "Choose a new password",
            Self::PasswordChanged => "Your password was changed",
        }
    }
}

/// Writes letters.
pub struct Renderer {
    instance: Instance,
    from: Mailbox,
    templates: Environment<'static>,
}

impl Renderer {
    /// Reads the templates and checks what goes into every letter.
    ///
    /// # Errors
    /// What of the instance can't be used.
    pub fn new(instance: Instance) -> Result<Self, InstanceRefused> {
        if instance.name.trim().is_empty() || instance.name.chars().any(char::is_control) {
            return Err(InstanceRefused::Name);
        }
        if !is_link(&instance.public_url) {
            return Err(InstanceRefused::PublicUrl);
        }
        if !is_link(&instance.reset_link) || instance.reset_link.matches(KEY).count() != 1 {
            return Err(InstanceRefused::ResetLink);
        }
        let from = sender(&instance)?;
        let templates = templates().map_err(|defect| InstanceRefused::Template(defect.to_string()))?;
        Ok(Self { instance, from, templates })
    }

    /// Writes one letter to its addressee.
    ///
    /// A reset goes to the address of the account, whatever spelling was asked for; a notice goes to the address
    /// that was promised, which after a change of address is the old one.
    ///
    /// # Errors
    /// [`RenderError`]: the letter can't be written as things are.
    pub fn render(
        &self,
        subject: &Subject<'_>,
        promised: &PromisedLetter,
        to: &Addressee,
        now: OffsetDateTime,
    ) -> Result<Letter, RenderError> {
        let recipient = match subject {
            Subject::PasswordReset(_) => &to.email,
            Subject::PasswordChanged => &promised.recipient,
        };
        let values = self.values(subject, promised, to, now);
        let name = subject.kind().as_str();
        let whole = self.templates.get_template(&format!("{name}.txt"))?.render(values.clone())?;
        let (head, text) = whole.split_once("\n\n").ok_or(RenderError::NoSubject)?;
        let headline = head.strip_prefix("Subject: ").ok_or(RenderError::NoSubject)?;
        let page = self.templates.get_template(&format!("{name}.html"))?;
        let html = page.render(context! { ..self.page_values(headline, subject), ..values })?;
        Letter::compose(Draft {
            number: promised.id,
            from: &self.from,
            recipient,
            subject: headline.to_owned(),
            text: text.to_owned(),
            html,
            promised_at: promised.promised_at,
            written_at: now,
        })
    }

    fn values(
        &self,
        subject: &Subject<'_>,
        promised: &PromisedLetter,
        to: &Addressee,
        now: OffsetDateTime,
    ) -> Value {
        let called = to.full_name.as_deref().map(plain).filter(|name| !name.trim().is_empty());
        context! {
            instance => self.instance.name.as_str(),
            public_url => self.instance.public_url.as_str(),
            title => subject.title(),
            username => plain(&to.username),
            name => called.unwrap_or_else(|| plain(&to.username)),
            origin => promised.origin.as_deref().map(plain),
            when => moment(promised.promised_at),
            expires => moment(promised.expires_at),
            lifetime => in_words((promised.expires_at - now).try_into().unwrap_or_default()),
            link => self.link(subject),
        }
    }

    /// What is said otherwise in HTML: the links. The template engine would write each `/` as `&#x2f;`: right, but the programs on the
    /// way that look for links in letters don't all read that.
    fn page_values(&self, headline: &str, subject: &Subject<'_>) -> Value {
        let safe = |url: &str| Value::from_safe_string(escape(url));
        context! {
            subject => headline,
            public_url => safe(&self.instance.public_url),
            link => safe(&self.link(subject)),
        }
    }

    fn link(&self, subject: &Subject<'_>) -> String {
        match subject {
            Subject::PasswordReset(key) => self.instance.reset_link.replace(KEY, key.reveal()),
            Subject::PasswordChanged => self.instance.public_url.clone(),
        }
    }
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    const FILES: [(&str, &str); 5] = [
        ("letter.html", include_str!("templates/letter.html")),
        ("password_reset.html", include_str!("templates/password_reset.html")),
        ("password_reset.txt", include_str!("templates/password_reset.txt")),
        ("password_changed.html", include_str!("templates/password_changed.html")),
        ("password_changed.txt", include_str!("templates/password_changed.txt")),
    ];
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

fn sender(instance: &Instance) -> Result<Mailbox, InstanceRefused> {
    if instance.from.chars().any(char::is_control) {
        return Err(InstanceRefused::From);
    }
    let mut from = match address(&instance.from) {
        Ok(bare) => Mailbox::new(None, bare),
        Err(_) => instance.from.parse::<Mailbox>().map_err(|_| InstanceRefused::From)?,
    };
    from.name.get_or_insert_with(|| instance.name.clone());
    Ok(from)
}

fn escape(text: &str) -> String {
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")]
        .iter()
        .fold(text.to_owned(), |text, (character, written)| text.replace(*character, written))
}

fn is_link(text: &str) -> bool {
    let spaced = text.chars().any(|character| character.is_control() || character.is_whitespace());
    !spaced
        && ["https://", "http://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
}

/// A stored text without the characters that would break a line or turn its direction.
fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn moment(time: OffsetDateTime) -> String {
    time.to_offset(time::UtcOffset::UTC).format(MOMENT).unwrap_or_else(|_| time.to_string())
}

/// A time-span as people say it, to the nearest minute.
fn in_words(span: Duration) -> String {
    let minutes = (span.as_secs() + 30) / 60;
    let counted = |n: u64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => counted(minutes, "minute"),
        (hours, 0) => counted(hours, "hour"),
        (hours, minutes) => format!("{} and {}", counted(hours, "hour"), counted(minutes, "minute")),
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
