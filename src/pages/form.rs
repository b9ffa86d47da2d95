//! A form that somebody sent, read only once its token is good.

use std::borrow::Cow;

use http::StatusCode;

use super::{
    cookies,
    seal::{self, Holder},
};
use crate::{
    api::{call::Call, limits::MOST_FIELDS, problem::Problem, site::Site},
    service::{Caller, Proof},
};

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

/// Name of the hidden field that holds the token.
const TOKEN: &str = "form_token";

impl Form {
    /// Reads the body, if the form came from a page that this browser was shown.
    ///
    /// Admission has refused other sites by then (`Sec-Fetch-Site`,
    /// `Origin`); the token does not depend on what browsers send.
    ///
    /// # Errors
    /// 400, 403.
    pub fn read(call: &Call) -> Result<Self, Problem> {
        let form = Self::with_key(call)?;
        let token = form.text(TOKEN);
        let holders = [call.caller.as_deref().and_then(session), cookies::visitor(call).map(Holder::Visitor)];
        let good =
            holders.iter().flatten().any(|holder| seal::is_good(&call.site.secrets.now(), token, holder));
        match good {
            true => Ok(form),
            false => Err(Problem::new(StatusCode::FORBIDDEN, "the form's token is not good").coded("form")),
        }
    }

    /// Reads the body of a form that carries the key of a letter, which is as good as a token: nobody else knows it.
    ///
    /// # Errors
    /// 400: more fields than any form of ours has.
    pub fn with_key(call: &Call) -> Result<Self, Problem> {
        if call.body.split(|byte| *byte == b'&').nth(MOST_FIELDS).is_some() {
            return Err(Problem::bad_request(format!("there are more than {MOST_FIELDS} fields")));
        }
        // No field has a NUL in it, and PostgreSQL takes none.
        let typed = |value: Cow<'_, str>| value.replace('\0', "\u{fffd}");
        let pairs = form_urlencoded::parse(&call.body);
        Ok(Self(pairs.map(|(name, value)| (name.into_owned(), typed(value))).collect()))
    }

    /// A field; empty if it isn't there. The first of several counts.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A field without white space around it; `None` if nothing is left.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// Every value of a field that may be there more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked or a button pressed.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

fn session(caller: &Caller) -> Option<Holder<'static>> {
    match caller.proof {
        Proof::Session(session) => Some(Holder::Session(session)),
        Proof::AccessToken(_) | Proof::AuthToken(_) => None,
    }
}

/// The token for the forms of a page that is shown to this caller or visitor.
///
/// Whoever is signed in has one that goes with the session; a sign-in form opened before keeps its own.
pub(super) fn token(site: &Site, caller: Option<&Caller>, visitor: Option<&str>) -> Option<String> {
    let holder = caller.and_then(session).or_else(|| visitor.map(Holder::Visitor))?;
    Some(seal::token(site, &holder))
}
