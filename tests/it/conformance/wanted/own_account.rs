//! `user/current`.

use super::{
    Ours::{Once, Says},
    Wanted,
};
use crate::conformance::alike::one_change_more;

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &["v3-user-current-get-portal"],
        ours: Says(200, ""),
        why: "permissions decide in every version, and levels are shown and not trusted (DESIGN 2, authority)",
    },
    Wanted {
        cases: &["user-current-put-duplicate-email-other-case"],
        ours: Says(400, "tm_user email 'OPS@example.test' already exists."),
        why: "an address is the same in any case (facts 11-34)",
    },
    Wanted {
        cases: &["v5-user-current-put-higher-role", "v5-user-current-put-ops-role"],
        ours: Says(403, ""),
        why: "asking for more than one holds is forbidden, and no reason for the server to break (facts 11-19)",
    },
    Wanted {
        cases: &["v3-user-current-put-other-lower-role"],
        ours: Says(400, "users cannot update their own role"),
        why: "nobody changes their own role, in any version (facts 11-2)",
    },
    Wanted {
        cases: &[
            "v3-user-current-put-password-equals-username",
            "v3-user-current-put-password-equals-username-long",
        ],
        ours: Says(400, "Your password cannot be your username."),
        why: "a password is not the username, in any version (DESIGN 2, passwords in)",
    },
    Wanted {
        cases: &["user-current-put-password-4-emoji"],
        ours: Says(400, "Password must be greater than 7 characters."),
        why: "a password has at least eight characters, however many bytes that is (DESIGN 2, passwords in)",
    },
    Wanted {
        cases: &["user-current-put-then-renamed-old-cookie"],
        ours: Says(200, ""),
        why: "a session belongs to the account, so a new username keeps it (DESIGN 2, session)",
    },
    Wanted {
        cases: &["v5-user-current-put-then-old-cookie"],
        ours: Once(one_change_more),
        why: "a change of one's own account stands in the change log (facts 11-33)",
    },
];
