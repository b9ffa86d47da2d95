//! Every operation of the dialect, one row each.

use super::{V1_0, users};
use crate::api::route::{
    Access::{Public, Session},
    Route, route,
};

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Post    "users/reset",   since V1_0, Public,  "resetPassword" => users::reset),
    route!(Post    "users/signin",  since V1_0, Public,  "signIn"        => users::sign_in),
    route!(GetOnly "users/signout", since V1_0, Session, "signOut"       => users::sign_out),
];
