//! More than a page ever shows of everything, and every page that a link leads to: for the bench of what pages cost, and
//! for the test of what they weigh.

/// A page that is asked for.
pub(crate) struct Page {
    /// What it is called in a table.
    pub(crate) name: &'static str,
    /// Its address, with what it takes.
    pub(crate) place: String,
    /// The cookie that goes along: the administrator's session, or the key of a letter.
    pub(crate) cookie: Option<String>,
}

/// The statements that fill a database: `who` is the administrator who looks at it, `now` the time in SQL.
pub(crate) fn rows(who: &str, now: &str) -> String {
    ROWS.replace("{who}", who).replace("{now}", now)
}

/// More than a page of each: lists end at a page, so that they grow no further.
const ROWS: &str = "
    INSERT INTO public.tenant (name, active, parent_id) SELECT 'a tenant, number ' || n, true, id
        FROM generate_series(1, 97) n, public.tenant WHERE name = 'root';
    INSERT INTO public.role (name, description, priv_level) SELECT 'a role, number ' || n, repeat('what it is for ', 8), 0
        FROM generate_series(1, 90) n;
    INSERT INTO public.role_capability (role_id, cap_name) SELECT r.id, 'A-PERMISSION:' || n
        FROM generate_series(1, 200) n, public.role r WHERE r.name = 'a role, number 1';
    INSERT INTO public.tm_user (username, full_name, email, role, tenant_id, last_authenticated)
        SELECT 'a-user-name-' || n, 'A Person with a Name ' || n, 'an.address.' || n || '@example.test', r.id, t.id, {now}
        FROM generate_series(1, 2000) n, public.role r, public.tenant t
        WHERE r.name = 'a role, number 1' AND t.name = 'a tenant, number 1';
    INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at, attempts, last_failure)
        SELECT 'email_confirmation', 'pages', 'an.address.' || n || '@example.test', {now}, {now} + interval '9 years',
            {now} + interval '9 years', 9, repeat('451 4.7.1 greylisted ', 8) FROM generate_series(1, 60) n;
    INSERT INTO latchkey.session (account_id, digest, ends_at, opened_at, last_seen_at, address, user_agent)
        SELECT u.id, sha256(n::text::bytea), {now} + interval '1 day', {now} - interval '1 hour', {now} - interval '1 minute',
            '2001:db8:1:2:3:4:5:6', repeat('Mozilla/5.0 ', 16)
        FROM generate_series(1, 200) n, public.tm_user u WHERE u.username = '{who}';
    INSERT INTO latchkey.audit_event (happened_at, event, actor_id, account_id, dialect, address, detail)
        SELECT {now} - make_interval(mins => n), 'account_changed', a.id, u.id, 'pages', '198.51.100.23', '{\"fields\": [\"role\", \"profile\"]}'
        FROM generate_series(1, 200) n, public.tm_user u, public.tm_user a
        WHERE u.username IN ('a-user-name-1', '{who}') AND a.username = '{who}';
    INSERT INTO public.tm_user (username, email, role, tenant_id, new_user, registration_sent)
        SELECT 'registration_0', 'carol@example.test', r.id, t.id, true, {now} FROM public.role r, public.tenant t
        WHERE r.name = 'read-only' AND t.name = 'root';
    WITH letters AS (
        SELECT u.id AS account, k.number, k.key FROM public.tm_user u JOIN (VALUES
            ('a-user-name-2', -1, 'aKeyOfAResetLetterForTheBench0'), ('registration_0', -2, 'aKeyOfAnInvitationForTheBench0'))
            AS k (username, number, key) ON k.username = u.username),
    asked AS (
        INSERT INTO latchkey.reset_request (account_id, outbox_id, dialect, requested_at, expires_at)
        SELECT account, number, 'pages', {now}, {now} + interval '1 hour' FROM letters RETURNING id, outbox_id)
    INSERT INTO latchkey.reset_key (digest, request_id, minted_at)
        SELECT sha256(key::bytea), asked.id, {now} FROM letters JOIN asked ON asked.outbox_id = letters.number;
    ANALYZE;
";

/// Whom and what pages are about that are about one of many, with the query for its number.
pub(crate) const SUBJECTS: [(&str, &str); 3] = [
    ("{user}", "SELECT id FROM public.tm_user WHERE username = 'a-user-name-1'"),
    ("{role}", "SELECT id FROM public.role WHERE name = 'a role, number 1'"),
    ("{tenant}", "SELECT id FROM public.tenant WHERE name = 'a tenant, number 1'"),
];

/// What strangers are shown.
const FOR_STRANGERS: [(&str, &str); 6] = [
    ("home", "/"),
    ("sign in", "/sign-in?next=%2Faccount"),
    ("forgot password", "/forgot-password"),
    ("forgot password, sent", "/forgot-password/sent"),
    ("password set", "/reset-password/done"),
    ("style sheet", "/style.css"),
];

/// What an administrator is shown; in braces whom or what it is about, as in [`SUBJECTS`].
const FOR_MEMBERS: [(&str, &str); 21] = [
    ("account", "/account"),
    ("profile", "/account/profile"),
    ("change password", "/account/password"),
    ("change e-mail", "/account/email"),
    ("sessions", "/account/sessions"),
    ("own activity", "/account/activity"),
    ("users", "/users"),
    ("users, search", "/users?search=name"),
    ("user", "/users/{user}"),
    ("user, edit", "/users/{user}/edit"),
    ("user, activity", "/users/{user}/activity"),
    ("user, remove", "/users/{user}/remove"),
    ("new user", "/users/new"),
    ("invite", "/users/invite"),
    ("roles", "/roles"),
    ("role", "/roles/{role}"),
    ("new role", "/roles/new"),
    ("tenants", "/tenants"),
    ("tenant", "/tenants/{tenant}"),
    ("new tenant", "/tenants/new"),
    ("letters", "/outbox"),
];

/// What the links of letters lead to, with their keys.
const BEHIND_LETTERS: [(&str, &str, &str); 2] = [
    ("set a new password", "/reset-password", "aKeyOfAResetLetterForTheBench0"),
    ("finish the registration", "/register", "aKeyOfAnInvitationForTheBench0"),
];

/// Every page that a link leads to, by the numbers of the [`SUBJECTS`], in their order, and the cookie of a session.
pub(crate) fn pages(numbers: [i64; 3], session: &str) -> Vec<Page> {
    let numbered = |place: &str| {
        let gaps = SUBJECTS.iter().zip(numbers);
        gaps.fold(place.to_owned(), |place, ((gap, _), number)| place.replace(gap, &number.to_string()))
    };
    let page = |name, place, cookie| Page { name, place: numbered(place), cookie };
    let key = |key: &str| Some(format!("latchkey_key={key}"));
    let for_strangers = FOR_STRANGERS.map(|(name, place)| page(name, place, None));
    let behind_letters = BEHIND_LETTERS.map(|(name, place, of)| page(name, place, key(of)));
    let for_members = FOR_MEMBERS.map(|(name, place)| page(name, place, Some(session.to_owned())));
    for_strangers.into_iter().chain(behind_letters).chain(for_members).collect()
}
