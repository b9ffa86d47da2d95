//! Where latchkey means to answer otherwise than the recorded server did: the whole list, a reason each.
//!
//! "DESIGN 2" is the table of decisions, "facts" the sheet on Traffic Ops with its list of things to do better.

/// A group of recorded cases that latchkey answers in its own way.
pub struct Wanted {
    /// Names without the version, `*` for any text; with `v3` or `v5` in front for one of them only.
    pub cases: &'static [&'static str],
    pub ours: Ours,
    pub why: &'static str,
}

/// How latchkey answers.
pub enum Ours {
    /// With this status and, unless empty, this one sentence.
    Says(u16, &'static str),
    /// With the recorded status and level, in words of its own.
    OwnWords,
    /// With 200 and the seed document's sentence about the address that was asked for.
    Promises,
}

use Ours::{OwnWords, Promises, Says};

pub const WANTED: &[Wanted] = &[
    Wanted {
        cases: &["method-HEAD-ping", "method-HEAD-user-current"],
        ours: Says(200, ""),
        why: "DESIGN 2, other method on a known path: HEAD works where GET does",
    },
    Wanted {
        cases: &["method-OPTIONS-*"],
        ours: Says(204, ""),
        why: "DESIGN 2, other method on a known path: OPTIONS answers pre-flights (facts 11-14)",
    },
    Wanted {
        cases: &[
            "login-get",
            "login-put",
            "login-token-get",
            "logout-get",
            "user-current-delete",
            "user-current-post",
            "reset-password-get",
            "reset-password-put",
            "method-POST-ping",
            "method-POST-user-current",
            "method-PUT-*",
            "method-DELETE-*",
            "method-PATCH-*",
            "method-TRACE-*",
            "method-FOO-*",
            "method-HEAD-user-login",
        ],
        ours: Says(405, ""),
        why: "DESIGN 2, other method on a known path: 405 with Allow",
    },
    Wanted {
        cases: &["ping-double-slash", "ping-dotdot"],
        ours: Says(404, ""),
        why: "DESIGN 2, every answer: no redirect to a cleaned path, and nothing outside the envelope (facts 4.2)",
    },
    Wanted {
        cases: &["login-3MB-body"],
        ours: Says(413, ""),
        why: "DESIGN 5: at most 64 KiB of body are read (facts 11-8)",
    },
    Wanted {
        cases: &[
            "login-body-array",
            "login-body-string",
            "login-body-number",
            "login-number-*",
            "login-bad-json",
            "login-truncated-json",
            "login-empty-body",
            "login-whitespace-body",
            "login-content-type-form",
            "login-query-params-only",
            "method-POST-user-login",
            "login-token-number-t",
            "login-token-bad-json",
            "login-token-empty-body",
            "user-current-put-empty-body",
            "user-current-put-bad-json",
            "user-current-put-array",
            "user-current-put-user-string",
            "user-current-put-number-username",
            "user-current-put-string-tenantId",
            "user-current-put-wrong-type-role",
            "user-current-put-password-number",
            "user-current-put-id-string",
            "v5-user-current-put-readonly-fields",
            "reset-password-number-email",
            "reset-password-malformed-email*",
            "reset-password-empty-email",
            "reset-password-two-addresses",
            "reset-password-crlf",
            "reset-password-bad-json",
            "reset-password-empty-body",
            "reset-password-body-array",
            "reset-password-form",
        ],
        ours: OwnWords,
        why: "facts 11-13: no decoder's words and no type names",
    },
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
    Wanted {
        cases: &["ping-leading-dash-cookie"],
        ours: Says(200, ""),
        why: "DESIGN 2, every answer: the recorded server closed the connection without one",
    },
    Wanted {
        cases: &["about-get", "about-get-as-reader", "about-get-as-portaluser"],
        ours: Says(200, ""),
        why: "latchkey says what it is itself; in 3.x the level of `portal` is not asked (DESIGN 2, authority)",
    },
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
];

impl Wanted {
    /// Whether the recorded case belongs to this group.
    pub fn covers(&self, name: &str) -> bool {
        let (version, case) = name.split_once('-').unwrap_or_default();
        let major = version.split('.').next().unwrap_or_default();
        self.cases.iter().any(|pattern| {
            match pattern.strip_prefix(major).and_then(|rest| rest.strip_prefix('-')) {
                Some(pattern) => fits(pattern, case),
                None => fits(pattern, case),
            }
        })
    }
}

/// One `*`, anywhere.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((front, back)) => {
            text.len() >= front.len() + back.len() && text.starts_with(front) && text.ends_with(back)
        }
    }
}
