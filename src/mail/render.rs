//! Turns an occasion into a letter, by the templates beside this file.

use std::path::Path;

use lettre::message::Mailbox;
use minijinja::{Environment, Value, context};
use time::OffsetDateTime;

use super::{
    letter::{Draft, Letter, address, in_ascii},
    subject::Subject,
    templates,
    words::{escape, in_words, moment, plain, unbroken},
};
use crate::store::{addressees::Addressee, outbox::PromisedLetter};

/// Where the key stands in [`Instance::reset_link`] and [`Instance::registration_link`].
const KEY: &str = "{key}";

/// What every letter of this server says about it.
pub struct Instance {
    /// What the letters call the server.
    pub name: String,
    /// The sender: an address, or `Name <address>`; without a name, `name` is shown.
    pub from: String,
    /// Where people are read, an address: replies go there, and letters name it where help is needed.
    pub support: Option<String>,
    /// Where the server is for people, for example `https://login.example.test`. Never taken from a request.
    pub public_url: String,
    /// The link in a reset letter, with `{key}` where the key stands.
    pub reset_link: String,
    /// The link in an invitation, with `{key}` where the key stands.
    pub registration_link: String,
}

/// Why an [`Instance`] can't write letters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceRefused {
    /// The name is empty or holds control characters.
    #[error("mail.instance is empty or holds control characters")]
    Name,
    /// The sender can't be read.
    #[error("mail.from must be an e-mail address, or a name and an address as in `Name <address>`")]
    From,
    /// The address for questions can't be read.
    #[error("mail.support must be an e-mail address without a name")]
    Support,
    /// A link does not start with `http://` or `https://`, or holds white space or control characters.
    #[error("public_url must be an http or https address")]
    PublicUrl,
    /// The reset link is not such a link, or has not got `{key}` in it exactly once.
    #[error("recovery.link must be an http or https address with {{key}} in it once")]
    ResetLink,
    /// The registration link is not such a link, or has not got `{key}` in it exactly once.
    #[error("recovery.registration_link must be an http or https address with {{key}} in it once")]
    RegistrationLink,
    /// A template of latchkey's own can't be read.
    #[error("a template of latchkey's own can't be read: {0}")]
    OwnTemplate(String),
    /// The operator's templates can't be read, or a letter can't be written with them.
    #[error("mail.templates: {0}")]
    Templates(String),
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
    #[error("{0} does not begin with `Subject: …` and an empty line")]
    NoSubject(String),
    /// A template was read and fails.
    #[error("{}", templates::innermost(.0))]
    Template(#[from] minijinja::Error),
    /// The message could not be put together.
    #[error("the message can't be composed: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Writes letters.
pub struct Renderer {
    instance: Instance,
    from: Mailbox,
    support: Option<Mailbox>,
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
        if !is_link_for_a_key(&instance.reset_link) {
            return Err(InstanceRefused::ResetLink);
        }
        if !is_link_for_a_key(&instance.registration_link) {
            return Err(InstanceRefused::RegistrationLink);
        }
        let from = sender(&instance)?;
        let support = instance.support.as_deref().map(address).transpose();
        let support = support.map_err(|_| InstanceRefused::Support)?.map(|bare| Mailbox::new(None, bare));
        let templates =
            templates::all().map_err(|defect| InstanceRefused::OwnTemplate(defect.to_string()))?;
        Ok(Self { instance, from, support, templates })
    }

    /// Takes the templates of a folder in the place of those with the same names, and writes every letter once on
    /// trial, so that a mistake in them is found now.
    ///
    /// # Errors
    /// A file that can't be read or is no letter's, and a template that fails.
    pub fn with_templates(mut self, folder: &Path) -> Result<Self, InstanceRefused> {
        templates::replace(&mut self.templates, folder).map_err(InstanceRefused::Templates)?;
        for sample in super::samples() {
            sample.write(&self).map_err(|defect| {
                let (folder, letter) = (folder.display(), sample.name());
                InstanceRefused::Templates(format!(
                    "the files in {folder} were read, but the letter {letter} can't be written with them: {defect}"
                ))
            })?;
        }
        Ok(self)
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
        subject: &Subject,
        promised: &PromisedLetter,
        to: &Addressee,
        now: OffsetDateTime,
    ) -> Result<Letter, RenderError> {
        let recipient = match subject {
            Subject::PasswordReset(_)
            | Subject::GeneratedPassword(_)
            | Subject::Registration(_)
            | Subject::EmailConfirmation(_) => &to.email,
            Subject::PasswordChanged
            | Subject::EmailChanged
            | Subject::NewDevice
            | Subject::AccountDisabled
            | Subject::Test => &promised.recipient,
        };
        let values = self.values(subject, promised, to, now);
        let name = subject.kind().as_str();
        let template =
            |ending| templates::worded(&self.templates, &promised.dialect, &format!("{name}.{ending}"));
        let plain_part = template("txt")?;
        let whole = plain_part.render(values.clone())?;
        let parts = whole.strip_prefix("Subject: ").and_then(|rest| rest.split_once("\n\n"));
        let (headline, text) = parts.ok_or_else(|| RenderError::NoSubject(plain_part.name().to_owned()))?;
        let html = template("html")?
            .render(context! { ..self.page_values(headline, subject, promised, now), ..values })?;
        Letter::compose(Draft {
            number: promised.id,
            from: &self.from,
            reply_to: self.support.as_ref(),
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
        subject: &Subject,
        promised: &PromisedLetter,
        to: &Addressee,
        now: OffsetDateTime,
    ) -> Value {
        // Whoever is invited has not chosen a user name yet.
        let unnamed = match subject {
            Subject::Registration(_) | Subject::EmailConfirmation(_) => &to.email,
            Subject::EmailChanged => &promised.recipient,
            _ => &to.username,
        };
        // Nobody puts words of their own at the head of a letter to an address that they may only claim.
        let is_claimed = matches!(subject, Subject::EmailConfirmation(_) | Subject::EmailChanged);
        let full_name = to.full_name.as_deref().filter(|_| !is_claimed);
        let called = full_name.map(plain).filter(|name| !name.trim().is_empty());
        context! {
            instance => self.instance.name.as_str(),
            public_url => self.instance.public_url.as_str(),
            support => self.instance.support.as_deref(),
            title => subject.title(&promised.dialect),
            username => plain(&to.username),
            name => called.unwrap_or_else(|| plain(unnamed)),
            origin => promised.origin.as_deref().map(plain),
            when => moment(promised.promised_at),
            expires => moment(promised.expires_at),
            lifetime => lifetime(promised, now),
            link => self.link(subject, promised),
            password => match subject {
                Subject::GeneratedPassword(password) => Some(password.reveal()),
                _ => None,
            },
        }
    }

    /// What is said otherwise in HTML: moments and time-spans, which no line breaks within, and the links. The
    /// template engine would write each `/` as `&#x2f;`: right, but the programs on the way that look for links in
    /// letters don't all read that.
    fn page_values(
        &self,
        headline: &str,
        subject: &Subject,
        promised: &PromisedLetter,
        now: OffsetDateTime,
    ) -> Value {
        let safe = |url: &str| Value::from_safe_string(escape(url));
        let whole = |said: &str| Value::from_safe_string(unbroken(said));
        context! {
            subject => headline,
            when => whole(&moment(promised.promised_at)),
            expires => whole(&moment(promised.expires_at)),
            lifetime => whole(&lifetime(promised, now)),
            public_url => safe(&self.instance.public_url),
            link => safe(&self.link(subject, promised)),
        }
    }

    fn link(&self, subject: &Subject, promised: &PromisedLetter) -> String {
        match (subject, &promised.link) {
            (Subject::PasswordReset(key), Some(begin)) => format!("{begin}{}", key.reveal()),
            (Subject::PasswordReset(key), None) => self.instance.reset_link.replace(KEY, key.reveal()),
            (Subject::Registration(key), _) => self.instance.registration_link.replace(KEY, key.reveal()),
            (Subject::EmailConfirmation(key), _) => {
                format!("{}/confirm-email?token={}", self.instance.public_url, key.reveal())
            }
            (
                Subject::PasswordChanged
                | Subject::GeneratedPassword(_)
                | Subject::EmailChanged
                | Subject::NewDevice
                | Subject::AccountDisabled
                | Subject::Test,
                _,
            ) => self.instance.public_url.clone(),
        }
    }
}

/// How long the letter's key lives from now on, as people say it.
fn lifetime(promised: &PromisedLetter, now: OffsetDateTime) -> String {
    in_words((promised.expires_at - now).try_into().unwrap_or_default())
}

fn sender(instance: &Instance) -> Result<Mailbox, InstanceRefused> {
    if instance.from.chars().any(char::is_control) {
        return Err(InstanceRefused::From);
    }
    let mut from = match address(&instance.from) {
        Ok(bare) => Mailbox::new(None, bare),
        Err(_) => instance.from.parse::<Mailbox>().map_err(|_| InstanceRefused::From)?,
    };
    from.email = in_ascii(from.email).map_err(|_| InstanceRefused::From)?;
    from.name.get_or_insert_with(|| instance.name.clone());
    Ok(from)
}

/// Whether a text can begin a link in a letter: an http or https address without blanks.
pub(crate) fn is_link(text: &str) -> bool {
    let spaced = text.chars().any(|character| character.is_control() || character.is_whitespace());
    !spaced
        && ["https://", "http://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
}

fn is_link_for_a_key(text: &str) -> bool {
    is_link(text) && text.matches(KEY).count() == 1
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
