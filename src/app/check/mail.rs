//! Whether letters can be written, and whether every relay would take them: up to AUTH, without sending any.

use super::{Finding, Verdict};
use crate::{
    app::try_letters,
    config::Config,
    mail::{MailSettings, Transport, TransportKind},
};

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let written =
        try_letters(config, None).map(|letters| format!("all {} kinds can be written", letters.len()));
    let mut findings =
        vec![Finding::of("letters", written, "see mail.from, mail.templates and the links in [recovery]")];
    match config.mail.transport {
        TransportKind::Directory => {
            let found = "letters become files and nobody gets them";
            let advice = "for a server that people use set mail.transport = \"smtp\" and [mail.smtp]";
            findings.push(Finding::warning("mail", found, advice));
        }
        TransportKind::Smtp => {
            findings.extend(from_nowhere(&config.mail));
            findings.extend(relays(config).await);
        }
    }
    findings
}

/// Relays take no letter whose sender can't be answered.
fn from_nowhere(mail: &MailSettings) -> Option<Finding> {
    let found = format!("letters are from {}, which no relay knows", mail.from);
    let advice = "set mail.from to an address of your domain";
    (mail.from == MailSettings::default().from).then(|| Finding::warning("mail.from", found, advice))
}

async fn relays(config: &Config) -> Vec<Finding> {
    let transport = match Transport::open(&config.mail, &config.data.join("mail")) {
        Ok(transport) => transport,
        Err(error) => {
            return vec![Finding::failure("mail", error.to_string(), "see [mail.smtp] in docs/mail.md")];
        }
    };
    let greeted = transport.greet().await;
    let away = greeted.iter().filter(|(_, outcome)| outcome.is_err()).count();
    let all = greeted.len();
    let judged = greeted.into_iter().map(|(relay, outcome)| match outcome {
        Ok(()) => Finding::ok("mail relay", format!("{relay} would take letters")),
        Err(reason) => {
            let advice = "see host, port, security, username, password and root_certificates of the relay; letters \
                          wait in the outbox meanwhile";
            let finding = Finding::failure("mail relay", format!("{relay}: {reason}"), advice);
            // While one of several takes letters, they go out.
            let verdict = if away < all { Verdict::Warning } else { Verdict::Failure };
            Finding { verdict, ..finding }
        }
    });
    judged.collect()
}
