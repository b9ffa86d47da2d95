//! One letter of each kind and wording, about nobody: for previews, and for trying templates before they are needed.

use time::macros::datetime;

use super::{Letter, RenderError, Renderer, Subject, templates};
use crate::{
    domain::{AccountId, LetterKind},
    store::{addressees::Addressee, outbox::PromisedLetter},
};

/// A letter that could be written.
pub struct Sample {
    kind: LetterKind,
    dialect: Option<&'static str>,
}

/// Every kind of letter, in latchkey's words and in those of the contracts that have their own.
pub fn samples() -> Vec<Sample> {
    let kinds = LetterKind::ALL.into_iter();
    kinds
        .flat_map(|kind| {
            let own = templates::has_own(kind.as_str()).then_some(Sample { kind, dialect: None });
            let others = templates::dialects_with(kind.as_str());
            own.into_iter().chain(others.map(move |dialect| Sample { kind, dialect: Some(dialect) }))
        })
        .collect()
}

impl Sample {
    /// Its name, fit for a file: `password_reset`, `timeslot-generated_password`.
    pub fn name(&self) -> String {
        match self.dialect {
            Some(dialect) => format!("{dialect}-{}", self.kind.as_str()),
            None => self.kind.as_str().to_owned(),
        }
    }

    /// Writes it, to a person who does not exist.
    ///
    /// # Errors
    /// [`RenderError`].
    pub fn write(&self, renderer: &Renderer) -> Result<Letter, RenderError> {
        // Not drawn by chance: previews that are written twice should be the same.
        let subject = Subject::draw(self.kind, count);
        let promised_at = datetime!(2026-11-21 19:22:05 UTC);
        let promised = PromisedLetter {
            id: 1,
            kind: self.kind,
            dialect: self.dialect.unwrap_or("traffic_ops").to_owned(),
            recipient: "alice@example.com".to_owned(),
            account: None,
            origin: Some("192.0.2.7".to_owned()),
            link: None,
            promised_at,
            expires_at: promised_at + time::Duration::hours(1),
            attempts: 1,
        };
        let to = match self.kind {
            LetterKind::Test => Addressee::stranger("alice@example.com"),
            _ => Addressee {
                account: AccountId(1),
                username: "alice".to_owned(),
                full_name: Some("Alice Liddell".to_owned()),
                email: "alice@example.com".to_owned(),
            },
        };
        renderer.render(&subject, &promised, &to, promised_at)
    }
}

fn count(bytes: &mut [u8]) {
    bytes.iter_mut().enumerate().for_each(|(place, byte)| *byte = u8::try_from(place * 7 % 248).unwrap_or(0));
}
