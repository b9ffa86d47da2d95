//! Every operation of the dialect, one row each.

use super::{
    V3_0, V4_0, V5_0, about, current, login, recovery,
    views::{Current3, UserV4},
};
use crate::api::route::{
    Access::{Greeted, Public, Session},
    Route, route,
};

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Get  "ping",                   since V3_0, Public,  "ping"              => about::ping),
    route!(Get  "ping",                   since V4_0, Public,  "ping"              => about::ping),
    route!(Get  "ping",                   since V5_0, Public,  "ping"              => about::ping),
    route!(Get  "about/?",                since V3_0, Session, "about"             => about::about),
    route!(Get  "about/?",                since V4_0, Session, "about"             => about::about),
    route!(Get  "about/?",                since V5_0, Session, "about"             => about::about),
    route!(Post "user/login/?",           since V3_0, Greeted, "login"             => login::with_password),
    route!(Post "user/login/?",           since V4_0, Greeted, "login"             => login::with_password),
    route!(Post "user/login/?",           since V5_0, Greeted, "login"             => login::with_password),
    route!(Post "user/login/token/?",     since V3_0, Greeted, "loginWithToken"    => login::with_token),
    route!(Post "user/login/token/?",     since V4_0, Greeted, "loginWithToken"    => login::with_token),
    route!(Post "user/login/token/?",     since V5_0, Greeted, "loginWithToken"    => login::with_token),
    route!(Post "user/logout/?",          since V3_0, Session, "logout"            => login::out),
    route!(Post "user/logout/?",          since V4_0, Session, "logout"            => login::out),
    route!(Post "user/logout/?",          since V5_0, Session, "logout"            => login::out),
    route!(Get  "user/current/?",         since V3_0, Session, "currentUser"       => current::show::<Current3>),
    route!(Get  "user/current/?",         since V4_0, Session, "currentUser"       => current::show::<UserV4>),
    route!(Get  "user/current/?",         since V5_0, Session, "currentUser"       => current::show::<UserV4>),
    route!(Put  "user/current/?",         since V3_0, Session, "updateCurrentUser" => current::patch),
    route!(Put  "user/current/?",         since V4_0, Session, "updateCurrentUser" => current::replace),
    route!(Put  "user/current/?",         since V5_0, Session, "updateCurrentUser" => current::replace),
    route!(Post "user/reset_password/?",  since V3_0, Greeted, "resetPassword"     => recovery::request_reset),
    route!(Post "user/reset_password/?",  since V4_0, Greeted, "resetPassword"     => recovery::request_reset),
    route!(Post "user/reset_password/?",  since V5_0, Greeted, "resetPassword"     => recovery::request_reset),
];
