//! Where to listen, as the operator writes it: a port, a Unix socket, what systemd hands over, or several of them.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// One place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `host:port`: with TLS where a certificate is configured.
    Port(String),
    /// `http://host:port`: without TLS, certificate or not.
    PlainPort(String),
    /// `unix:/path`: a socket in the file system, without TLS.
    Unix(PathBuf),
    /// `systemd`: every socket that the service manager hands over (`LISTEN_FDS`).
    HandedOver,
}

/// What can't be listened at.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is no place to listen at: write \"host:port\", \"http://host:port\" (never with TLS), \
     \"unix:/run/latchkey/latchkey.sock\" or \"systemd\""
)]
pub struct NoAddress(String);

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let port = |text: &str| text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        match text {
            "systemd" => Ok(Self::HandedOver),
            path if path.starts_with("unix:/") => Ok(Self::Unix(path["unix:".len()..].into())),
            place if port(place) => Ok(match place.strip_prefix("http://") {
                Some(place) => Self::PlainPort(place.to_owned()),
                None if place.contains('/') => return Err(NoAddress(text.to_owned())),
                None => Self::Port(place.to_owned()),
            }),
            _ => Err(NoAddress(text.to_owned())),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(place) => f.write_str(place),
            Self::PlainPort(place) => write!(f, "http://{place}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::HandedOver => f.write_str("systemd"),
        }
    }
}

/// The setting `listen`: one address, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(pub Vec<Address>);

impl Default for Listen {
    fn default() -> Self {
        Self(vec![Address::Port("127.0.0.1:8080".to_owned())])
    }
}

impl FromStr for Listen {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        Ok(Self(vec![text.parse()?]))
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Written)
    }
}

/// How the setting stands in the configuration.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Listen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a place such as \"127.0.0.1:8080\" or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Listen, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listen, A::Error> {
        let mut places = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            places.push(text.parse().map_err(A::Error::custom)?);
        }
        match places.is_empty() {
            true => Err(A::Error::custom("listen is empty")),
            false => Ok(Listen(places)),
        }
    }
}

/// The setting `socket_mode`: who may connect to Unix sockets, as in `chmod`; only owner, group and others count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketMode(pub u32);

impl Default for SocketMode {
    fn default() -> Self {
        Self(0o660)
    }
}

impl<'de> Deserialize<'de> for SocketMode {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Octal)
    }
}

/// A mode as it stands in the configuration. A number is refused: it might be meant as octal or not.
struct Octal;

impl Visitor<'_> for Octal {
    type Value = SocketMode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mode with quotes around it, \"0660\" (in a variable too: '\"0660\"')")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SocketMode, E> {
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
        mode.map(SocketMode).ok_or_else(|| E::custom(format_args!("{text:?} is no mode such as \"0660\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Listen, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn one_or_several_places_are_read() {
        let all = r#"["[::]:443", "http://127.0.0.1:80", "unix:/run/l.sock", "systemd"]"#;
        let texts: Vec<_> = read(all).unwrap().0.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["[::]:443", "http://127.0.0.1:80", "unix:/run/l.sock", "systemd"]);
        assert_eq!(read(r#""localhost:1""#).unwrap().0, [Address::Port("localhost:1".to_owned())]);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in
            [r#""""#, "[]", r#""8080""#, r#""https://x:1""#, r#""unix:relative""#, r#""x:99999""#, "8080"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_told_what_belongs_there() {
        let port = read("8080").unwrap_err().to_string();
        assert!(port.contains("expected a place such as \"127.0.0.1:8080\" or a list of them"), "{port}");
        let mode = serde_json::from_str::<SocketMode>("660").unwrap_err().to_string();
        assert!(mode.contains("expected a mode with quotes around it, \"0660\""), "{mode}");
    }

    #[test]
    fn a_mode_is_octal() {
        assert_eq!(serde_json::from_str::<SocketMode>(r#""0666""#).unwrap(), SocketMode(0o666));
        assert!(serde_json::from_str::<SocketMode>(r#""0888""#).is_err());
        assert!(serde_json::from_str::<SocketMode>(r#""4777""#).is_err());
    }
}
