//! Every page and form, one row each.

use super::{
    V1, account, activity,
    admin::{letters, roles, tenants, users},
    assets, home, key_link, mailbox, sign_in,
};
use crate::api::route::{
    Access::{Greeted, Holding, Public, Session},
    Route, route,
};

const READ_USERS: [&str; 1] = ["USER:READ"];
const CREATE_USERS: [&str; 2] = ["USER:CREATE", "USER:READ"];
const UPDATE_USERS: [&str; 2] = ["USER:UPDATE", "USER:READ"];
const DELETE_USERS: [&str; 2] = ["USER:DELETE", "USER:READ"];
const READ_ROLES: [&str; 1] = ["ROLE:READ"];
const CREATE_ROLES: [&str; 2] = ["ROLE:CREATE", "ROLE:READ"];
const UPDATE_ROLES: [&str; 2] = ["ROLE:UPDATE", "ROLE:READ"];
const DELETE_ROLES: [&str; 2] = ["ROLE:DELETE", "ROLE:READ"];
const READ_TENANTS: [&str; 1] = ["TENANT:READ"];
const CREATE_TENANTS: [&str; 2] = ["TENANT:CREATE", "TENANT:READ"];
const UPDATE_TENANTS: [&str; 2] = ["TENANT:UPDATE", "TENANT:READ"];
const DELETE_TENANTS: [&str; 2] = ["TENANT:DELETE", "TENANT:READ"];
const READ_LETTERS: [&str; 1] = ["LETTER:READ"];
const UPDATE_LETTERS: [&str; 2] = ["LETTER:UPDATE", "LETTER:READ"];

#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route!(Get  "",                            since V1, Greeted, "home"             => home::home),
    route!(Get  "style.css",                   since V1, Public,  "style"            => assets::style),
    route!(Get  "icon.svg",                    since V1, Public,  "icon"             => assets::icon),
    route!(Get  "logo",                        since V1, Public,  "logo"             => assets::logo),
    route!(Get  "sign-in",                     since V1, Greeted, "signInForm"       => sign_in::show),
    route!(Post "sign-in",                     since V1, Greeted, "signIn"           => sign_in::submit),
    route!(Post "sign-out",                    since V1, Session, "signOut"          => sign_in::out),
    route!(Get  "forgot-password",             since V1, Greeted, "forgotForm"       => sign_in::forgot::show),
    route!(Post "forgot-password",             since V1, Greeted, "forgot"           => sign_in::forgot::submit),
    route!(Get  "forgot-password/sent",        since V1, Greeted, "forgotSent"       => sign_in::forgot::sent),
    route!(Get  "reset-password",              since V1, Public,  "resetForm"        => key_link::reset::show),
    route!(Post "reset-password",              since V1, Public,  "reset"            => key_link::reset::submit),
    route!(Get  "reset-password/done",         since V1, Public,  "resetDone"        => key_link::reset::done),
    route!(Get  "register",                    since V1, Public,  "registerForm"     => key_link::register::show),
    route!(Post "register",                    since V1, Public,  "register"         => key_link::register::submit),
    route!(Get  "confirm-email",               since V1, Greeted, "confirmEmailForm" => key_link::email::show),
    route!(Post "confirm-email",               since V1, Greeted, "confirmEmail"     => key_link::email::submit),
    route!(Get  "account",                     since V1, Session, "account"          => account::show),
    route!(Get  "account/profile",             since V1, Session, "profileForm"      => account::profile::show),
    route!(Post "account/profile",             since V1, Session, "profile"          => account::profile::submit),
    route!(Get  "account/password",            since V1, Session, "passwordForm"     => account::password::show),
    route!(Post "account/password",            since V1, Session, "password"         => account::password::submit),
    route!(Get  "account/email",               since V1, Session, "emailForm"        => account::email::show),
    route!(Post "account/email",               since V1, Session, "email"            => account::email::submit),
    route!(Get  "account/sessions",            since V1, Session, "sessions"         => account::sessions::list),
    route!(Post "account/sessions/end",        since V1, Session, "endSession"       => account::sessions::end_one),
    route!(Post "account/sessions/end-others", since V1, Session, "endOtherSessions" => account::sessions::end_others),
    route!(Get  "account/activity",            since V1, Session, "ownActivity"      => activity::own),
    route!(Get  "users",                       since V1, Holding(&READ_USERS),     "users"           => users::list),
    route!(Get  "users/new",                   since V1, Holding(&CREATE_USERS),   "newUserForm"     => users::new::show),
    route!(Post "users/new",                   since V1, Holding(&CREATE_USERS),   "newUser"         => users::new::submit),
    route!(Get  "users/invite",                since V1, Holding(&CREATE_USERS),   "inviteForm"      => users::invite::show),
    route!(Post "users/invite",                since V1, Holding(&CREATE_USERS),   "invite"          => users::invite::submit),
    route!(Get  "users/{id}",                  since V1, Holding(&READ_USERS),     "user"            => users::show::show),
    route!(Get  "users/{id}/edit",             since V1, Holding(&UPDATE_USERS),   "editUserForm"    => users::edit::show),
    route!(Post "users/{id}/edit",             since V1, Holding(&UPDATE_USERS),   "editUser"        => users::edit::submit),
    route!(Get  "users/{id}/activity",         since V1, Holding(&READ_USERS),     "userActivity"    => activity::of_user),
    route!(Post "users/{id}/send-reset",       since V1, Holding(&UPDATE_USERS),   "sendReset"       => users::acts::send_reset),
    route!(Post "users/{id}/invite",           since V1, Holding(&CREATE_USERS),   "inviteAgain"     => users::acts::invite_again),
    route!(Post "users/{id}/end-sessions",     since V1, Holding(&UPDATE_USERS),   "endUserSessions" => users::acts::end_sessions),
    route!(Post "users/{id}/disable",          since V1, Holding(&UPDATE_USERS),   "disableUser"     => users::acts::disable),
    route!(Get  "users/{id}/remove",           since V1, Holding(&DELETE_USERS),   "removeUserForm"  => users::remove::ask),
    route!(Post "users/{id}/remove",           since V1, Holding(&DELETE_USERS),   "removeUser"      => users::remove::submit),
    route!(Get  "roles",                       since V1, Holding(&READ_ROLES),     "roles"           => roles::list),
    route!(Get  "roles/new",                   since V1, Holding(&CREATE_ROLES),   "newRoleForm"     => roles::edit::show_new),
    route!(Post "roles/new",                   since V1, Holding(&CREATE_ROLES),   "newRole"         => roles::edit::create),
    route!(Get  "roles/{id}",                  since V1, Holding(&READ_ROLES),     "role"            => roles::edit::show),
    route!(Post "roles/{id}",                  since V1, Holding(&UPDATE_ROLES),   "editRole"        => roles::edit::update),
    route!(Post "roles/{id}/remove",           since V1, Holding(&DELETE_ROLES),   "removeRole"      => roles::edit::remove),
    route!(Get  "tenants",                     since V1, Holding(&READ_TENANTS),   "tenants"         => tenants::list),
    route!(Get  "tenants/new",                 since V1, Holding(&CREATE_TENANTS), "newTenantForm"   => tenants::edit::show_new),
    route!(Post "tenants/new",                 since V1, Holding(&CREATE_TENANTS), "newTenant"       => tenants::edit::create),
    route!(Get  "tenants/{id}",                since V1, Holding(&READ_TENANTS),   "tenant"          => tenants::edit::show),
    route!(Post "tenants/{id}",                since V1, Holding(&UPDATE_TENANTS), "editTenant"      => tenants::edit::update),
    route!(Post "tenants/{id}/remove",         since V1, Holding(&DELETE_TENANTS), "removeTenant"    => tenants::edit::remove),
    route!(Get  "outbox",                      since V1, Holding(&READ_LETTERS),   "outbox"          => letters::list),
    route!(Post "outbox/{id}/retry",           since V1, Holding(&UPDATE_LETTERS), "retryLetter"     => letters::retry),
    route!(Get  "mailbox",                     since V1, Greeted, "mailbox"          => mailbox::list),
    route!(Get  "mailbox/{name}",              since V1, Greeted, "letter"           => mailbox::letter),
    route!(Get  "mailbox/{name}/html",         since V1, Public,  "letterHtml"       => mailbox::html),
];
