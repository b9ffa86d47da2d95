//! `[notices]`: what the holders of accounts are told.

use serde::Deserialize;

use crate::service::NewDeviceNotice;

/// `[notices]`
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct NoticeSettings {
    /// Whether a sign-in from a new place, or with a new program, is told by letter: `browsers`, `always` or `never`.
    pub new_device: NewDeviceNotice,
}
