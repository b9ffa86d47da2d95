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
        why: "DESIGN 2, authority: permissions decide in every version, levels are shown and not trusted",
    },
    Wanted {
        cases: &["user-current-put-duplicate-email-other-case"],
        ours: Says(400, "tm_user email 'OPS@example.test' already exists."),
        why: "facts 11-34: an address is the same in any case",
    },
    Wanted {
        cases: &["v5-user-current-put-higher-role", "v5-user-current-put-ops-role"],
        ours: Says(403, ""),
        why: "facts 11-19: asking for more than one holds is forbidden, and no defect of the server",
    },
    Wanted {
        cases: &["v3-user-current-put-other-lower-role"],
        ours: Says(400, "users cannot update their own role"),
        why: "facts 11-2: nobody changes their own role, in any version",
    },
    Wanted {
        cases: &[
            "v3-user-current-put-password-equals-username",
            "v3-user-current-put-password-equals-username-long",
        ],
        ours: Says(400, "Your password cannot be your username."),
        why: "DESIGN 2, passwords in: not the username, in any version",
    },
    Wanted {
        cases: &["user-current-put-password-4-emoji"],
        ours: Says(400, "Password must be greater than 7 characters."),
        why: "DESIGN 2, passwords in: eight characters, not eight bytes",
    },
    Wanted {
        cases: &["user-current-put-then-renamed-old-cookie"],
        ours: Says(200, ""),
        why: "DESIGN 2, session: it belongs to the account, so a new username keeps it",
    },
    Wanted {
        cases: &["v5-user-current-put-then-old-cookie"],
        ours: Once(one_change_more),
        why: "facts 11-33: a change of one's own account stands in the change log",
    },
];
