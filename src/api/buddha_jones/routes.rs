//! Every operation of the dialect, one row each.

use super::{V1_0, password_reset, user};
use crate::api::route::{
    Access::{Public, Session},
    Route, route,
};

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Post    "password-reset/?",       since V1_0, Public,  "requestPasswordReset" => password_reset::request),
    route!(GetOnly "password-reset/?",       since V1_0, Public,  "validateToken"        => password_reset::by_query),
    route!(GetOnly "password-reset/{token}", since V1_0, Public,  "validateTokenInPath"  => password_reset::by_path),
    route!(Post    "password-reset/confirm", since V1_0, Public,  "confirmPasswordReset" => password_reset::confirm),
    route!(Post    "login",                  since V1_0, Public,  "login"                => user::login),
    route!(GetOnly "logout",                 since V1_0, Public,  "logout"               => user::logout),
    route!(Post    "user",                   since V1_0, Session, "changeOwnPassword"    => user::change_password),
];
