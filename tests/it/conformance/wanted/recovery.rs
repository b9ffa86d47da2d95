//! Reset requests and keys.

use super::{
    Ours::{Promises, Says},
    Wanted,
};

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &["reset-password-missing-email", "reset-password-null-email", "reset-password-body-null"],
        ours: Says(400, ""),
        why: "no address at all is a malformed request, not an unknown account (DESIGN 2, unknown account on reset)",
    },
    Wanted {
        cases: &["reset-password-unknown"],
        ours: Promises,
        why: "strangers do not hear whether an address has an account (DESIGN 2, unknown account on reset; facts 11-8)",
    },
    Wanted {
        cases: &["reset-password-other-case"],
        ours: Promises,
        why: "an address is the same in any case (facts 11-34)",
    },
    Wanted {
        cases: &["reset-password-escaped-slash"],
        ours: Promises,
        why: "the escape is legal JSON, and the address an unknown one (facts 11-13)",
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
        why: "the sentence is that of the seed document (DESIGN 2, text after a reset request)",
    },
    Wanted {
        cases: &["login-token-ok-second-time", "reset-password-known-then-token-login-again"],
        ours: Says(401, "Invalid token. Please contact your administrator."),
        why: "a reset key works once (DESIGN 2, reset key; facts 11-6)",
    },
];
