//! Sign-in, sessions, logout.

use super::{
    Ours::{OwnWords, Says},
    Wanted,
};

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &["logout-old-cookie-still-works", "logout-old-access-token-still-works"],
        ours: Says(401, "unauthorized, please log in."),
        why: "logout ends the session at once (DESIGN 2, session; facts 11-7)",
    },
    Wanted {
        cases: &[
            "auth-cookie-far-future",
            "auth-cookie-disallowed-user",
            "auth-cookie-unknown-user",
            "auth-cookie-user-without-role",
            "auth-deleted-user",
            "auth-jwt-expired-inner-valid",
        ],
        ours: Says(401, "unauthorized, please log in."),
        why: "a good signature is not enough, the database must know the session (DESIGN 2, session; facts 11-7)",
    },
    Wanted {
        cases: &["auth-cookie-empty-value"],
        ours: Says(401, "unauthorized, please log in."),
        why: "an empty cookie is no session, so nobody is signed in (facts 11-1)",
    },
    Wanted {
        cases: &["login-invalid-utf8"],
        ours: Says(400, ""),
        why: "half a surrogate pair is no text, so the form can't be read (RFC 8259 section 8.2; the recorded server read another letter in its place, facts 3.4)",
    },
    Wanted {
        cases: &["auth-cookie-no-dashes", "logout-tampered"],
        ours: OwnWords,
        why: "no answer repeats what was sent (facts 11-13)",
    },
    Wanted {
        cases: &["auth-cookie-leading-dash*"],
        ours: Says(401, ""),
        why: "every request is answered; the recorded server closed the connection (DESIGN 2, every answer)",
    },
];
