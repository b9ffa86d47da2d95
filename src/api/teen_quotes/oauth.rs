//! `POST /oauth`: tokens for clients (RFC 6749; fact sheet Teen Quotes §2.1).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::form;
use crate::{
    api::{call::Call, form::Form, problem::Problem, reply::Reply},
    domain::BearerToken,
    service::{Fault, GrantError, Granted, KnownClient},
};

/// What a client is granted.
#[derive(Serialize)]
struct Tokens<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires: i64,
    expires_in: i64,
    refresh_token: &'a str,
}

/// Grants what the client asks for. Nothing of the answer may be kept by a cache (RFC 6749 §5.1).
pub(super) async fn grant(call: Call) -> Result<Reply, Problem> {
    let no_store = || HeaderValue::from_static("no-store");
    match granted(&call).await.and_then(|granted| shown(&granted)) {
        Ok(reply) => Ok(reply.with(header::CACHE_CONTROL, no_store())),
        Err(problem) => Err(problem.with(header::CACHE_CONTROL, no_store())),
    }
}

fn shown(granted: &Granted) -> Result<Reply, Problem> {
    Reply::bare(&Tokens {
        access_token: granted.access_token.reveal(),
        token_type: "bearer",
        expires: granted.expires_at.unix_timestamp(),
        expires_in: granted.lifetime.whole_seconds(),
        refresh_token: granted.refresh_token.reveal(),
    })
}

/// Ways to get tokens.
enum Grant {
    Client,
    Password,
    Refresh,
}

impl Grant {
    fn named(name: &str) -> Option<Self> {
        match name {
            "client_credentials" => Some(Self::Client),
            "password" => Some(Self::Password),
            "refresh_token" => Some(Self::Refresh),
            _ => None,
        }
    }
}

/// The order of the checks is the contract's: grant type, client, and only then what the grant needs.
async fn granted(call: &Call) -> Result<Granted, Problem> {
    let form = form(call);
    let named = required(&form, "grant_type")?;
    let grant = Grant::named(named).ok_or_else(|| unsupported(named))?;
    let client = client(call, &form).await?;
    let (oauth, lifetime) = (&call.site.services.oauth, call.site.dialects.teen_quotes.token_lifetime);
    let granted = match grant {
        Grant::Client => oauth.to_client(&client, lifetime).await,
        Grant::Password => {
            let (username, password) = (required(&form, "username")?, required(&form, "password")?);
            oauth.to_account(&client, username, password, lifetime, &call.origin).await
        }
        Grant::Refresh => match BearerToken::parse(required(&form, "refresh_token")?) {
            Some(token) => oauth.refresh(&client, &token, lifetime, &call.origin).await,
            None => Err(GrantError::RefreshToken),
        },
    };
    granted.map_err(|error| worded(error, &call.headers))
}

/// Name and secret come in the body or by HTTP Basic; each is taken from the body first.
async fn client(call: &Call, form: &Form) -> Result<KnownClient, Problem> {
    let (id, secret) = basic(&call.headers).unzip();
    let id = form.get("client_id").or(id.as_deref()).ok_or_else(|| lacks("client_id"))?;
    let secret = form.get("client_secret").or(secret.as_deref()).ok_or_else(|| lacks("client_secret"))?;
    let known = call.site.services.clients.recognise(id, secret, &call.origin).await.map_err(fault)?;
    known.ok_or_else(|| bad_client(&call.headers))
}

/// User name and password of HTTP Basic (RFC 7617).
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

fn required<'a>(form: &'a Form, field: &str) -> Result<&'a str, Problem> {
    form.get(field).ok_or_else(|| lacks(field))
}

fn lacks(field: &str) -> Problem {
    invalid(format!(
        "The request is missing a required parameter, includes an invalid parameter value, includes a parameter \
         more than once, or is otherwise malformed. Check the \"{field}\" parameter."
    ))
}

/// Bad credentials and bad refresh tokens too are `invalid_request`, as the document's example has it (B5).
fn invalid(text: impl Into<String>) -> Problem {
    Problem::bad_request(text).coded("invalid_request")
}

fn unsupported(grant: &str) -> Problem {
    let text =
        format!("The authorization grant type \"{grant}\" is not supported by the authorization server");
    Problem::new(StatusCode::NOT_IMPLEMENTED, text).coded("unsupported_grant_type")
}

/// A client that tried HTTP Basic is told so (RFC 6749 §5.2).
fn bad_client(headers: &HeaderMap) -> Problem {
    let problem = Problem::unauthorized("Client authentication failed").coded("invalid_client");
    match headers.contains_key(header::AUTHORIZATION) {
        true => problem.with(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="latchkey""#)),
        false => problem,
    }
}

fn worded(error: GrantError, headers: &HeaderMap) -> Problem {
    match error {
        GrantError::Client => bad_client(headers),
        GrantError::Credentials => invalid("The user credentials were incorrect."),
        GrantError::RefreshToken => invalid("The refresh token is invalid."),
        GrantError::Internal(cause) => fault(cause),
    }
}

/// The two faults in OAuth's names (RFC 6749 §4.1.2.1), with the statuses of all other contracts.
fn fault(cause: Fault) -> Problem {
    let (code, text) = match cause {
        Fault::Unavailable | Fault::Overloaded => (
            "temporarily_unavailable",
            "The authorization server is currently unable to handle the request due to a temporary overloading \
             or maintenance of the server.",
        ),
        Fault::Throttled { .. } => ("slow_down", "Too many attempts. Try again later."),
        Fault::Broken => (
            "server_error",
            "The authorization server encountered an unexpected condition which prevented it from fulfilling \
             the request.",
        ),
    };
    Problem { text: text.to_owned(), ..Problem::from(cause) }.coded(code)
}
