//! `[pages]`: how the pages look.

use std::path::PathBuf;

use serde::Deserialize;

/// `[pages]`
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// What the pages call the installation; none means `mail.instance`.
    pub name: Option<String>,
    /// A picture in front of the name: SVG, PNG, JPEG, WebP or GIF.
    pub logo: Option<PathBuf>,
    /// Colour of links and buttons, as in `#0b5cad`. It is darkened or lightened where it could not be read.
    pub accent: Option<String>,
}
