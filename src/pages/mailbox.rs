//! The development mailbox: letters as a person would see them.

use http::{HeaderValue, header};
use minijinja::context;
use time::format_description::well_known::Rfc2822;

use super::{render::CSP, show::page};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    ports::{Mailbox, MailboxLetter},
};

/// Lists the letters, newest first.
pub(super) async fn list(call: Call) -> Result<Reply, Problem> {
    let letters: Vec<_> = mailbox(&call)?.list().iter().map(shown).collect();
    page(&call, "mailbox.html", context! { letters })
}

/// Shows one letter, text and HTML side by side.
pub(super) async fn letter(call: Call) -> Result<Reply, Problem> {
    let letter = find(&call)?;
    page(&call, "letter.html", context! { letter => shown(&letter) })
}

/// The HTML part alone, for the frame on the letter's page. It may bring its own styles and nothing else.
pub(super) async fn html(call: Call) -> Result<Reply, Problem> {
    let letter = find(&call)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; frame-ancestors 'self'";
    Ok(Reply::page(format!("<base target=\"_top\">{}", letter.html))
        .with(CSP, HeaderValue::from_static(policy))
        .with(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")))
}

fn mailbox(call: &Call) -> Result<&dyn Mailbox, Problem> {
    call.site.mailbox.as_deref().ok_or_else(|| Problem::not_found("there is no mailbox here"))
}

fn find(call: &Call) -> Result<MailboxLetter, Problem> {
    let name = call.param("name").unwrap_or_default();
    mailbox(call)?.letter(name).ok_or_else(|| Problem::not_found("there is no such letter"))
}

fn shown(letter: &MailboxLetter) -> minijinja::Value {
    let date = letter.date.and_then(|date| date.format(&Rfc2822).ok());
    context! { name => &letter.name, to => &letter.to, subject => &letter.subject, date, text => &letter.text }
}
