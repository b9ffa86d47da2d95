//! Reset requests and keys.

use super::{
    Ours::{Promises, Says},
    Wanted,
};

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &["reset-password-missing-email", "reset-password-null-email", "reset-password-body-null"],
        ours: Says(400, ""),
        why: "DESIGN 2, unknown account on reset: no address at all is a malformed request, not an unknown account",
    },
    Wanted {
        cases: &["reset-password-unknown"],
        ours: Promises,
        why: "DESIGN 2, unknown account on reset: uniform (facts 11-8)",
    },
    Wanted {
        cases: &["reset-password-other-case"],
        ours: Promises,
        why: "facts 11-34: an address is the same in any case",
    },
    Wanted {
        cases: &["reset-password-escaped-slash"],
        ours: Promises,
        why: "facts 11-13: the escape is legal JSON, and the address an unknown one",
    },
    Wanted {
        cases: &[
            "reset-password-known",
            "reset-password-known-again",
            "reset-password-mixed-case-exact",
            "reset-password-display-name",
            "reset-password-unicode-escape",
            "reset-password-upper-key",
            "reset-password-trailing-garbage",
            "reset-password-content-type-text",
            "reset-password-with-*",
            "reset-password-disallowed-role",
            "reset-password-user-without-*",
            "reset-password-new-user-registration",
            "reset-password-trailing-slash",
            "reset-password-gzip",
        ],
        ours: Promises,
        why: "DESIGN 2, text after a reset request: the seed's",
    },
    Wanted {
        cases: &["login-token-ok-second-time", "reset-password-known-then-token-login-again"],
        ours: Says(401, "Invalid token. Please contact your administrator."),
        why: "DESIGN 2, reset key: single use (facts 11-6)",
    },
];
