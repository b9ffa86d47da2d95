//! Every operation of the dialect, one row each.

use super::{
    V3_0, V4_0, V5_0, about, capabilities, current, login, recovery, registration, roles,
    tenants::{self, UpTo4, V5},
    users::{self, From4, UpTo3},
    views::{Current3, UserV4},
};
use crate::api::{
    permissions::{
        CREATE_ROLES, CREATE_TENANTS, CREATE_USERS, DELETE_ROLES, DELETE_TENANTS, DELETE_USERS, READ_ROLES,
        READ_TENANTS, READ_USERS, UPDATE_ROLES, UPDATE_TENANTS, UPDATE_USERS,
    },
    route::{
        Access::{Greeted, Holding, Own, Public, Session},
        Route, route,
    },
};

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Get  "ping",                  since V3_0 | V4_0 | V5_0, Public,  "ping"              => about::ping),
    route!(Get  "about/?",               since V3_0 | V4_0 | V5_0, Session, "about"             => about::about),
    route!(Post "user/login/?",          since V3_0 | V4_0 | V5_0, Greeted, "login"             => login::with_password),
    route!(Post "user/login/token/?",    since V3_0 | V4_0 | V5_0, Greeted, "loginWithToken"    => login::with_token),
    route!(Post "user/logout/?",         since V3_0 | V4_0 | V5_0, Session, "logout"            => login::out),
    route!(Get  "user/current/?",        since V3_0,               Session, "currentUser"       => current::show::<Current3>),
    route!(Get  "user/current/?",        since V4_0 | V5_0,        Own,     "currentUser"       => current::show::<UserV4>),
    route!(Put  "user/current/?",        since V3_0,               Session, "updateCurrentUser" => current::patch),
    route!(Put  "user/current/?",        since V4_0 | V5_0,        Session, "updateCurrentUser" => current::replace),
    route!(Post "user/reset_password/?", since V3_0 | V4_0 | V5_0, Greeted, "resetPassword"     => recovery::request_reset),
    route!(Get    "roles/?",            since V3_0,        Holding(&READ_ROLES),     "roles"           => roles::v3::list),
    route!(Get    "roles/?",            since V4_0 | V5_0, Holding(&READ_ROLES),     "roles"           => roles::v4::list),
    route!(Post   "roles/?",            since V3_0,        Holding(&CREATE_ROLES),   "createRole"      => roles::v3::create),
    route!(Post   "roles/?",            since V4_0 | V5_0, Holding(&CREATE_ROLES),   "createRole"      => roles::v4::create),
    route!(Put    "roles/?",            since V3_0,        Holding(&UPDATE_ROLES),   "updateRole"      => roles::v3::update),
    route!(Put    "roles/?",            since V4_0 | V5_0, Holding(&UPDATE_ROLES),   "updateRole"      => roles::v4::update),
    route!(Delete "roles/?",            since V3_0,        Holding(&DELETE_ROLES),   "deleteRole"      => roles::v3::remove),
    route!(Delete "roles/?",            since V4_0 | V5_0, Holding(&DELETE_ROLES),   "deleteRole"      => roles::v4::remove),
    route!(Get    "tenants/?",          since V3_0 | V4_0, Holding(&READ_TENANTS),   "tenants"         => tenants::list::<UpTo4>),
    route!(Get    "tenants/?",          since V5_0,        Holding(&READ_TENANTS),   "tenants"         => tenants::list::<V5>),
    route!(Post   "tenants/?",          since V3_0 | V4_0, Holding(&CREATE_TENANTS), "createTenant"    => tenants::create::<UpTo4>),
    route!(Post   "tenants/?",          since V5_0,        Holding(&CREATE_TENANTS), "createTenant"    => tenants::create::<V5>),
    route!(Put    "tenants/{id}",       since V3_0 | V4_0, Holding(&UPDATE_TENANTS), "updateTenant"    => tenants::update::<UpTo4>),
    route!(Put    "tenants/{id}",       since V5_0,        Holding(&UPDATE_TENANTS), "updateTenant"    => tenants::update::<V5>),
    route!(Delete "tenants/{id}",       since V3_0 | V4_0, Holding(&DELETE_TENANTS), "deleteTenant"    => tenants::remove::<UpTo4>),
    route!(Delete "tenants/{id}",       since V5_0,        Holding(&DELETE_TENANTS), "deleteTenant"    => tenants::remove::<V5>),
    route!(Get    "api_capabilities/?", since V3_0,        Holding(&READ_ROLES),     "apiCapabilities" => capabilities::list_api),
    route!(Get    "capabilities/?",     since V3_0,        Holding(&READ_ROLES),     "capabilities"    => capabilities::list),
    route!(Get    "users/?",            since V3_0,        Holding(&READ_USERS),     "users"           => users::list::<UpTo3>),
    route!(Get    "users/?",            since V4_0 | V5_0, Holding(&READ_USERS),     "users"           => users::list::<From4>),
    route!(Post   "users/?",            since V3_0,        Holding(&CREATE_USERS),   "createUser"      => users::create::<UpTo3>),
    route!(Post   "users/?",            since V4_0 | V5_0, Holding(&CREATE_USERS),   "createUser"      => users::create::<From4>),
    route!(Get    "users/{id}",         since V3_0,        Holding(&READ_USERS),     "user"            => users::show::<UpTo3>),
    route!(Get    "users/{id}",         since V4_0 | V5_0, Holding(&READ_USERS),     "user"            => users::show::<From4>),
    route!(Put    "users/{id}",         since V3_0,        Holding(&UPDATE_USERS),   "updateUser"      => users::change::<UpTo3>),
    route!(Put    "users/{id}",         since V4_0 | V5_0, Holding(&UPDATE_USERS),   "updateUser"      => users::change::<From4>),
    route!(Delete "users/{id}",         since V5_0,        Holding(&DELETE_USERS),   "deleteUser"      => users::remove),
    route!(Post   "users/register/?",   since V3_0,        Holding(&CREATE_USERS),   "registerUser"    => registration::register::<UpTo3>),
    route!(Post   "users/register/?",   since V4_0 | V5_0, Holding(&CREATE_USERS),   "registerUser"    => registration::register::<From4>),
];
