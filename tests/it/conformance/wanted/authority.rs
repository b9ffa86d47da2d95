//! Who may what, and the roles that say so.

use super::{
    Ours::{Once, Says},
    Wanted,
};
use crate::conformance::alike::only_permissions_of_accounts;

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &[
            "v3-users-get-as-portaluser",
            "v3-users-limit-1-get-as-portaluser",
            "v3-roles-get-as-portaluser",
            "v3-tenants-get-as-portaluser",
        ],
        ours: Says(200, ""),
        why: "permissions decide in every version, and levels are shown and not trusted (DESIGN 2, authority)",
    },
    Wanted {
        cases: &["v3-capabilities-get-as-portaluser"],
        ours: Says(200, "This endpoint is deprecated, and will be removed in the future"),
        why: "permissions decide in every version, and levels are shown and not trusted (DESIGN 2, authority)",
    },
    Wanted {
        cases: &["v3-users-post-as-reader", "v3-users-post-as-portaluser", "v3-users-register-as-reader"],
        ours: Says(403, "missing required Permissions: USER:CREATE"),
        why: "permissions decide in every version, so their names are said in every version (DESIGN 2, authority)",
    },
    Wanted {
        cases: &["v3-users-id-put-as-reader"],
        ours: Says(403, "missing required Permissions: USER:UPDATE"),
        why: "permissions decide in every version, so their names are said in every version (DESIGN 2, authority)",
    },
    Wanted {
        cases: &["users-get-as-blocked", "users-post-as-blocked"],
        ours: Says(401, "unauthorized, please log in."),
        why: "`disallowed` ends sessions too (DESIGN 2, authority; facts 11-7)",
    },
    Wanted {
        cases: &["users-id-put-as-ops-edit-admin"],
        ours: Says(403, "user cannot update a user with a role more privileged than themselves"),
        why: "nobody changes an account that may do more than they (facts 11-4)",
    },
    Wanted {
        cases: &["v5-users-register-higher-role-as-ops"],
        ours: Says(403, "cannot request more than assigned permissions, current user needs ALL permissions"),
        why: "nobody invites into a role that may do more than they (facts 11-3)",
    },
    Wanted {
        cases: &[
            "roles-get",
            "roles-get-as-reader",
            "v5-roles-get-as-portaluser",
            "v5-roles-get-id",
            "roles-get-privLevel",
            "v3-roles-get-can",
            "roles-get-orderby",
        ],
        ours: Once(only_permissions_of_accounts),
        why: "latchkey is the account part of the API, so a new database has the permissions that concern accounts (DESIGN 1)",
    },
    Wanted {
        cases: &["v5-roles-get-can"],
        ours: Says(200, ""),
        why: "the filter `can` finds roles instead of breaking the server (facts 11-20)",
    },
];
