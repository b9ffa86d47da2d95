//! Every operation of the dialect, one row each.

use super::{V1_0, credentials::recognise, oauth, password};
use crate::api::route::{
    Access::{Client, Public, Session},
    Route, route,
};

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Post "oauth",              since V1_0, Public,            "grantToken"     => oauth::grant),
    route!(Post "v1/password/remind", since V1_0, Client(recognise), "remindPassword" => password::remind),
    route!(Post "v1/password/reset",  since V1_0, Client(recognise), "resetPassword"  => password::reset),
    route!(Put  "v1/users/password",  since V1_0, Session,           "updatePassword" => password::update),
];
