//! With what the relay is greeted and logged in to, read from the settings and from the files they name.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use lettre::transport::smtp::{authentication::Credentials, extension::ClientId};

use super::RelayRefused;
use crate::{domain::SecretText, mail::SmtpSettings};

pub(super) fn credentials(settings: &SmtpSettings) -> Result<Option<Credentials>, RelayRefused> {
    let password = match (&settings.password, &settings.password_file) {
        (None, None) => None,
        (Some(password), None) => Some(("password", password.clone())),
        (None, Some(file)) => Some(("password_file", read_password(file)?)),
        (Some(_), Some(_)) => return Err(RelayRefused::Credentials),
    };
    match (&settings.username, password) {
        (None, None) => Ok(None),
        (Some(username), Some((key, password))) => {
            let username = checked("username", username)?;
            Ok(Some(Credentials::new(username, checked(key, password.reveal())?)))
        }
        _ => Err(RelayRefused::Credentials),
    }
}

fn read_password(file: &Path) -> Result<SecretText, RelayRefused> {
    let text = fs::read_to_string(file).map_err(|cause| RelayRefused::file("password_file", file, cause))?;
    Ok(SecretText::of_line(text))
}

pub(super) fn hello(name: Option<&str>) -> Result<ClientId, RelayRefused> {
    let Some(name) = name else {
        let own = ClientId::default();
        let speakable = own.to_string().bytes().all(|byte| byte.is_ascii_graphic());
        return Ok(if speakable { own } else { ClientId::Ipv4(Ipv4Addr::LOCALHOST) });
    };
    let name = checked("hello_name", name)?;
    Ok(match name.parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name),
    })
}

/// The text, if it can stand in a line of the dialogue; `key` is the setting that it comes from.
pub(super) fn checked(key: &'static str, text: &str) -> Result<String, RelayRefused> {
    match text.is_empty() || text.chars().any(char::is_control) {
        true => Err(RelayRefused::Text(key)),
        false => Ok(text.to_owned()),
    }
}

pub(super) fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
