//! Sign-in, sessions, logout.

use super::{
    Ours::{OwnWords, Says},
    Wanted,
};

pub const LIST: &[Wanted] = &[
    Wanted {
        cases: &["logout-old-cookie-still-works", "logout-old-access-token-still-works"],
        ours: Says(401, "unauthorized, please log in."),
        why: "DESIGN 2, session: logout ends it at once (facts 11-7)",
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
        why: "DESIGN 2, session: a good signature is not enough, the database must know the session (facts 11-7)",
    },
    Wanted {
        cases: &["auth-cookie-empty-value"],
        ours: Says(401, "unauthorized, please log in."),
        why: "facts 11-1: nobody is nobody",
    },
    Wanted {
        cases: &["login-invalid-utf8"],
        ours: Says(400, ""),
        why: "RFC 8259 section 8.2: half a surrogate pair is no text, so the form can't be read (facts 3.4 replaces it)",
    },
    Wanted {
        cases: &["auth-cookie-no-dashes", "logout-tampered"],
        ours: OwnWords,
        why: "facts 11-13: nothing of the input in the answer",
    },
    Wanted {
        cases: &["auth-cookie-leading-dash*"],
        ours: Says(401, ""),
        why: "DESIGN 2, every answer: the recorded server closed the connection without one",
    },
];
