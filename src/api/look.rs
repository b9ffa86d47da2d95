//! How an operator wants the pages to look.

use bytes::Bytes;

use super::colour::Accent;

/// The operator's name, mark and colour.
#[derive(Default)]
pub struct Look {
    /// What the pages call the installation.
    pub name: String,
    /// A picture in front of the name.
    pub logo: Option<Logo>,
    /// The colour of links and buttons, where it is not latchkey's own.
    pub accent: Option<Accent>,
}

/// A picture, served from our own origin.
pub struct Logo {
    /// Its media type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Bytes,
}

impl Logo {
    /// The media type of a picture with this file ending, if it is one that every browser shows.
    pub fn media_type(ending: &str) -> Option<&'static str> {
        Some(match ending.to_ascii_lowercase().as_str() {
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "gif" => "image/gif",
            _ => return None,
        })
    }
}
