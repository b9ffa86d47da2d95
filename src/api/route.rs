//! One row of a route table: all that is decided about an operation before its handler runs.

use std::{fmt, pin::Pin};

use super::{admission::Head, call::Call, problem::Problem, reply::Reply, site::Site, version::ApiVersion};

/// A row of a dialect's `routes.rs`.
pub struct Route {
    /// The `operationId` in the dialect's document under `api/`.
    pub operation: &'static str,
    /// HTTP method.
    pub verb: Verb,
    /// Path below the dialect's mount point: `{name}` is a parameter, a last `/?` allows a trailing slash.
    pub path: &'static str,
    /// First version that has the operation, of each major that has it like this.
    pub since: &'static [ApiVersion],
    /// Who may call.
    pub access: Access,
    /// What runs.
    pub handler: Handler,
}

/// Methods that operations use. `HEAD` is served where `Get` is, `OPTIONS` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// `GET`
    Get,
    /// `GET` that changes something, as a contract has it: `HEAD` is refused there.
    GetOnly,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// The verbs that serve a request's method.
    pub fn serving(method: &http::Method) -> &'static [Self] {
        match *method {
            http::Method::GET => &[Self::Get, Self::GetOnly],
            http::Method::HEAD => &[Self::Get],
            http::Method::POST => &[Self::Post],
            http::Method::PUT => &[Self::Put],
            http::Method::DELETE => &[Self::Delete],
            _ => &[],
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get | Self::GetOnly => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        })
    }
}

/// Who may call an operation.
#[derive(Clone, Debug)]
pub enum Access {
    /// Anyone; credentials are not even looked at, so it works with the database away.
    Public,
    /// Anyone; a live session, if one is presented, is recognised and renewed.
    Greeted,
    /// Anyone with a live session.
    Session,
    /// Anyone with a live session, to be shown their own account: what that shows beside the account is looked up
    /// along with the session, which saves a second question to the database.
    Own,
    /// Anyone whose role grants all of these permissions.
    Holding(&'static [&'static str]),
    /// Programs that the operator made known, on their own behalf or on an account's.
    Client(Recognise),
}

/// How clients are recognised is not compared: a dialect has one way.
impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Holding(one), Self::Holding(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Finds out whether a request carries the live token of a known client.
///
/// The outcome is a refusal in the dialect's words; who calls is not told, so that a client's token is never taken
/// for a user's.
pub type Recognise = for<'a> fn(&'a Head, &'a Site) -> Recognition<'a>;

/// The outcome of [`Recognise`], in time.
pub type Recognition<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// A handler with its type erased, so that a table of them is a plain static.
pub type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// Writes one [`Route`] on one line.
///
/// `route!(Get "user/current/?", since V4_0 | V5_0, Session, "currentUser" => current::show::<UserV4>)`
macro_rules! route {
    ($verb:ident $path:literal, since $($since:ident)|+, $access:expr, $operation:literal => $handler:expr) => {
        $crate::api::route::Route {
            operation: $operation,
            verb: $crate::api::route::Verb::$verb,
            path: $path,
            since: &[$($since),+],
            access: $access,
            handler: |call| Box::pin($handler(call)),
        }
    };
}
pub(crate) use route;
