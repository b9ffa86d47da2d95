//! Letters as the configuration wants them: who writes them, how fast they go, and all of them on trial.

use std::{fs, path::Path};

use anyhow::Context as _;

use super::{entrance, links};
use crate::{
    config::Config,
    mail::{self, Instance, Pace, Renderer, SmtpSettings},
};

/// What writes the letters of an installation.
pub(super) fn renderer(config: &Config, public_url: &str) -> anyhow::Result<Renderer> {
    let renderer = Renderer::new(Instance {
        name: config.mail.instance.clone(),
        from: config.mail.from.clone(),
        support: config.mail.support.clone(),
        reset_link: links::reset(config, public_url),
        registration_link: links::registration(config, public_url),
        public_url: public_url.to_owned(),
    })?;
    Ok(match &config.mail.templates {
        Some(folder) => renderer.with_templates(folder)?,
        None => renderer,
    })
}

/// How fast letters are carried, and how many strangers may have sent to one account.
pub(super) fn pace(config: &Config) -> Pace {
    Pace { to_one_account: config.throttle.letters_to_one_account(), ..config.mail.pace() }
}

/// The hosts that letters are handed to, the best first.
pub fn relays(config: &Config) -> String {
    let named = config.mail.smtp.iter().chain(&config.mail.relay).map(|relay| relay.host.clone());
    let named: Vec<String> = named.collect();
    if named.is_empty() { SmtpSettings::default().host } else { named.join(", else ") }
}

/// Writes one letter of each kind on trial, and into a folder if there is one: `.html`, `.txt` and `.eml` each.
/// Returns a line about each letter.
///
/// # Errors
/// A template that fails, settings that can't be used, a folder that can't be written.
pub fn try_letters(config: &Config, previews: Option<&Path>) -> anyhow::Result<Vec<String>> {
    let public_url = entrance::public_url(config, &[]);
    let renderer = renderer(config, &public_url)?;
    if let Some(folder) = previews {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut lines = Vec::new();
    for sample in mail::samples() {
        let name = sample.name();
        let letter = sample.write(&renderer).with_context(|| name.clone())?;
        if let Some(folder) = previews {
            let parts = [
                ("html", letter.html.as_bytes()),
                ("txt", letter.text.as_bytes()),
                ("eml", letter.message()),
            ];
            for (ending, bytes) in parts {
                let file = folder.join(format!("{name}.{ending}"));
                fs::write(&file, bytes).with_context(|| file.display().to_string())?;
            }
        }
        lines.push(format!("{name}: {}, {} bytes", letter.subject, letter.message().len()));
    }
    Ok(lines)
}
