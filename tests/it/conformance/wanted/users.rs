//! `users`, `users/{id}` and `users/register`.

use super::{
    Ours::{Once, Says},
    Wanted,
};
use crate::conformance::alike::without_password;

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &[
            "v3-users-post-ok*",
            "v3-users-post-duplicate-username-other-case",
            "v3-users-post-password-mismatch",
            "v3-users-post-admin-role-as-admin",
            "v3-users-post-username-*",
            "v3-users-post-as-ops",
            "v3-users-post-as-ops-role-operations",
            "v3-users-post-as-childops-in-child",
            "v3-users-post-content-type-text",
            "v3-users-id-put-ok-password",
        ],
        ours: Once(without_password),
        why: "no answer holds a password (facts 11-9)",
    },
    Wanted {
        cases: &["v3-users-post-missing-username"],
        ours: Says(400, "Your username cannot be blank."),
        why: "a form without a username is a malformed one (facts 11-37)",
    },
    Wanted {
        cases: &["users-post-multiple-errors"],
        ours: Says(
            400,
            "Your username cannot be blank., 'email' must be a valid email address, 'fullName' cannot be blank",
        ),
        why: "all broken rules are told at once, in one order (facts 11-28; 11-37 in 3.x)",
    },
    Wanted {
        cases: &["v5-users-id-put-duplicate-email"],
        ours: Says(400, "tm_user email 'ops@example.test' already exists."),
        why: "what could not be written is not a success (facts 11-15)",
    },
    Wanted {
        cases: &["v5-users-id-put-duplicate-username"],
        ours: Says(400, "tm_user username 'ops' already exists."),
        why: "what could not be written is not a success (facts 11-15)",
    },
    Wanted {
        cases: &["v5-users-id-delete"],
        ours: Says(200, "user was deleted."),
        why: "5.0 removes users, as the Go client for it can ask and the recorded server never could (facts 9.1)",
    },
    Wanted {
        cases: &["v5-users-get-newUser-bad"],
        ours: Says(400, "newUser cannot parse to boolean"),
        why: "a filter that can't be read is the client's mistake (facts 11-20)",
    },
    Wanted {
        cases: &["v5-users-get-while-a-user-has-no-role"],
        ours: Says(200, ""),
        why: "a user without a role spoils no list (facts 11-21)",
    },
    Wanted {
        cases: &[
            "users-register-ok",
            "users-register-again",
            "users-register-display-name",
            "users-register-as-ops",
        ],
        ours: Says(
            200,
            "Sent user registration to fresh@example.test with the following permissions \
             [ role: read-only | tenant: root ]",
        ),
        why: "the answer shows the address without the braces of a template (facts 11-22)",
    },
    Wanted {
        cases: &["v3-users-register-null"],
        ours: Says(
            400,
            "validating: role: required and cannot be zero, tenantId: required and cannot be zero, email: required",
        ),
        why: "null is an empty form, which is refused and breaks nothing (facts 3.4)",
    },
];
