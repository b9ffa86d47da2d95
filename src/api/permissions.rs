//! What operations ask of a role. Pages and the account API ask for the same.

/// To be shown accounts.
pub const READ_USERS: [&str; 1] = ["USER:READ"];
/// To make accounts.
pub const CREATE_USERS: [&str; 2] = ["USER:CREATE", "USER:READ"];
/// To change accounts.
pub const UPDATE_USERS: [&str; 2] = ["USER:UPDATE", "USER:READ"];
/// To remove accounts.
pub const DELETE_USERS: [&str; 2] = ["USER:DELETE", "USER:READ"];
/// To be shown roles.
pub const READ_ROLES: [&str; 1] = ["ROLE:READ"];
/// To make roles.
pub const CREATE_ROLES: [&str; 2] = ["ROLE:CREATE", "ROLE:READ"];
/// To change roles.
pub const UPDATE_ROLES: [&str; 2] = ["ROLE:UPDATE", "ROLE:READ"];
/// To remove roles.
pub const DELETE_ROLES: [&str; 2] = ["ROLE:DELETE", "ROLE:READ"];
/// To be shown tenants.
pub const READ_TENANTS: [&str; 1] = ["TENANT:READ"];
/// To make tenants.
pub const CREATE_TENANTS: [&str; 2] = ["TENANT:CREATE", "TENANT:READ"];
/// To change tenants.
pub const UPDATE_TENANTS: [&str; 2] = ["TENANT:UPDATE", "TENANT:READ"];
/// To remove tenants.
pub const DELETE_TENANTS: [&str; 2] = ["TENANT:DELETE", "TENANT:READ"];
/// To be shown promised letters.
pub const READ_LETTERS: [&str; 1] = ["LETTER:READ"];
/// To try again promised letters.
pub const UPDATE_LETTERS: [&str; 2] = ["LETTER:UPDATE", "LETTER:READ"];

/// Every permission that some operation asks for, in the order in which people read them.
pub const ASKED_FOR: [&str; 14] = [
    READ_USERS[0],
    CREATE_USERS[0],
    UPDATE_USERS[0],
    DELETE_USERS[0],
    READ_ROLES[0],
    CREATE_ROLES[0],
    UPDATE_ROLES[0],
    DELETE_ROLES[0],
    READ_TENANTS[0],
    CREATE_TENANTS[0],
    UPDATE_TENANTS[0],
    DELETE_TENANTS[0],
    READ_LETTERS[0],
    UPDATE_LETTERS[0],
];
