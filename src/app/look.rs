//! Reads the operator's name, mark and colour.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

use crate::{
    api::{
        colour::{Accent, Colour},
        look::{Logo, Look},
    },
    config::Config,
};

/// Largest logo in bytes: it goes out with every first visit.
const LARGEST: u64 = 256 * 1024;

/// What `[pages]` asks for.
///
/// # Errors
/// A colour that is none, a logo that can't be read, is too large, or is no picture that browsers show.
pub fn look(config: &Config) -> anyhow::Result<Look> {
    let settings = &config.pages;
    let accent = settings.accent.as_deref().map(Colour::parse).transpose().context("pages.accent")?;
    Ok(Look {
        name: settings.name.clone().unwrap_or_else(|| config.mail.instance.clone()),
        logo: settings.logo.as_deref().map(logo).transpose().context("pages.logo")?,
        accent: accent.map(Accent::of),
    })
}

fn logo(file: &Path) -> anyhow::Result<Logo> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let media_type = Logo::media_type(ending)
        .with_context(|| format!("{} must end in svg, png, jpg, webp or gif", file.display()))?;
    let unreadable = || format!("{} can't be read", file.display());
    if fs::metadata(file).with_context(unreadable)?.len() > LARGEST {
        bail!("{} is larger than {} KB", file.display(), LARGEST / 1024);
    }
    Ok(Logo { media_type, bytes: fs::read(file).with_context(unreadable)?.into() })
}
