//! One row of a route table: all that is decided about an operation before its handler runs.

use std::{fmt, pin::Pin};

use super::{call::Call, problem::Problem, reply::Reply, version::ApiVersion};

/// A row of a dialect's `routes.rs`.
pub struct Route {
    /// The `operationId` in the dialect's document under `api/`.
    pub operation: &'static str,
    /// HTTP method.
    pub verb: Verb,
    /// Path below the dialect's mount point: `{name}` is a parameter, a last `/?` allows a trailing slash.
    pub path: &'static str,
    /// First version of its major that has the operation.
    pub since: ApiVersion,
    /// Who may call.
    pub access: Access,
    /// What runs.
    pub handler: Handler,
}

/// Methods that operations use. `HEAD` is served where `GET` is, `OPTIONS` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// The verb of a request's method, if operations use it.
    pub fn of(method: &http::Method) -> Option<Self> {
        match *method {
            http::Method::GET | http::Method::HEAD => Some(Self::Get),
            http::Method::POST => Some(Self::Post),
            http::Method::PUT => Some(Self::Put),
            http::Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        })
    }
}

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; credentials are not even looked at, so it works with the database away.
    Public,
    /// Anyone; a live session, if one is presented, is recognised and renewed.
    Greeted,
    /// Anyone with a live session.
    Session,
    /// Anyone whose role grants all of these permissions.
    Holding(&'static [&'static str]),
}

/// A handler with its type erased, so that a table of them is a plain static.
pub type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// Writes one [`Route`] on one line.
///
/// `route!(Get "user/current/?", since V4_0, Session, "currentUser" => current::show::<UserV4>)`
macro_rules! route {
    ($verb:ident $path:literal, since $since:expr, $access:expr, $operation:literal => $handler:expr) => {
        $crate::api::route::Route {
            operation: $operation,
            verb: $crate::api::route::Verb::$verb,
            path: $path,
            since: $since,
            access: $access,
            handler: |call| Box::pin($handler(call)),
        }
    };
}
pub(crate) use route;
