//! Something to look at: people, tenants, letters and sessions for every page, and the pages themselves.

use super::{
    driver::Driver,
    house::{House, PASSWORD},
    person::Person,
    trouble::Trouble,
};

/// A page, by the name of its pictures.
pub struct Shown {
    pub name: &'static str,
    /// What is opened; the rest of the way there is told by [`Way`].
    pub place: String,
    pub way: Way,
}

/// A new password as one should be: four words that have nothing to do with each other.
const EXAMPLE: &str = "otter candle violin harbour";

/// How a page comes to look as it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By its address, by somebody who is not signed in.
    Stranger,
    /// By its address, by an administrator.
    Signed,
    /// By sending its form with nothing in it.
    Empty,
    /// By having a new password shown.
    ShownPassword,
    /// By signing in with the wrong password.
    Refused,
    /// By getting into trouble.
    Trouble(Trouble),
}

const PEOPLE: &str = "
    INSERT INTO public.tenant (name, active, parent_id)
        SELECT name, active, root.id FROM (SELECT id FROM public.tenant WHERE name = 'root') root,
            (VALUES ('Northern Lights', true), ('Southern Cross', true), ('Old Harbour', false)) AS t (name, active);
    INSERT INTO public.tenant (name, active, parent_id)
        SELECT name, true, above.id FROM (SELECT id FROM public.tenant WHERE name = 'Northern Lights') above,
            (VALUES ('Aurora'), ('Polaris')) AS t (name);
    INSERT INTO public.tm_user (username, full_name, email, role, tenant_id, new_user, registration_sent, last_authenticated, company, city, country, phone_number)
        SELECT p.username, p.full_name, replace(p.username, 'registration_9f2c77d1', 'annie.easley') || '@example.test', r.id, t.id, p.invited,
            CASE WHEN p.invited THEN now() - interval '1 day' END, now() - p.seen::interval, p.company, p.city, p.country, p.phone
        FROM (VALUES
            ('ada', 'Ada Lovelace', 'operations', 'Northern Lights', false, '3 minutes', 'Analytical Engines Ltd', 'London', 'United Kingdom', '+44 20 7946 0018'),
            ('grace', 'Grace Hopper', 'admin', 'root', false, '2 hours', 'Compilers & Co', 'New York', 'United States', NULL),
            ('katherine', 'Katherine Johnson', 'read-only', 'Aurora', false, '40 days', NULL, 'Hampton', 'United States', NULL),
            ('mallory', 'Mallory', 'disallowed', 'Southern Cross', false, '300 days', NULL, NULL, NULL, NULL),
            ('registration_9f2c77d1', NULL, 'portal', 'Polaris', true, NULL, NULL, NULL, NULL, NULL))
            AS p (username, full_name, role, tenant, invited, seen, company, city, country, phone)
        JOIN public.role r ON r.name = p.role JOIN public.tenant t ON t.name = p.tenant;
    UPDATE public.tm_user SET full_name = 'Margaret Hamilton', company = 'Apollo Guidance', city = 'Cambridge',
        phone_number = '+1 617 555 0142' WHERE username = 'margaret';
";

const LETTERS: &str = "
    INSERT INTO latchkey.outbox (kind, dialect, recipient, account_id, origin, promised_at, expires_at, due_at, attempts, last_failure, given_up_at, sent_at)
        SELECT l.kind, 'pages', l.recipient, NULL, '192.0.2.7', now() - l.age::interval, now() + interval '50 minutes',
            now() + interval '9 minutes', l.attempts, l.failure,
            CASE WHEN l.ended = 'failed' THEN now() - interval '4 minutes' END, CASE WHEN l.ended = 'sent' THEN now() END
        FROM (VALUES
            ('registration', '', '3 hours', 1, NULL, 'sent'),
            ('password_reset', 'katherine@example.test', '12 minutes', 4, '451 4.7.1 Greylisted, please try again later', 'no'),
            ('password_changed', 'nobody@nowhere.example', '5 minutes', 1, '550 5.1.1 No such user here', 'failed'),
            ('password_reset', 'ada@example.test', '4 minutes', 0, NULL, 'no'))
            AS l (kind, recipient, age, attempts, failure, ended);
";

const SESSIONS: &str = "
    INSERT INTO latchkey.session (account_id, digest, ends_at, opened_at, last_seen_at, address, user_agent)
        SELECT u.id, sha256(s.agent::bytea || u.username::bytea), now() + interval '20 hours', now() - s.opened::interval, now() - s.seen::interval, s.address, s.agent
        FROM public.tm_user u, (VALUES
            ('3 hours', '25 minutes', '2001:db8::7:1a2b', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'),
            ('2 hours', '2 minutes', '198.51.100.23', 'curl/8.5.0')) AS s (opened, seen, address, agent)
        WHERE u.username IN ('margaret', 'ada');
";

const EVENTS: &str = "
    UPDATE latchkey.audit_event SET happened_at = now() - interval '41 days';
    INSERT INTO latchkey.audit_event (happened_at, event, account_id, actor_id, dialect, address, detail)
        SELECT now() - e.age::interval, e.event, u.id, CASE e.who WHEN 'holder' THEN u.id WHEN 'margaret' THEN m.id END,
            e.dialect, e.address, e.detail::jsonb
        FROM public.tm_user u, public.tm_user m, (VALUES
            ('40 days', 'account_created', 'margaret', 'pages', '192.0.2.7', '{\"role\": \"operations\"}'),
            ('39 days', 'signed_in', 'holder', 'pages', '198.51.100.23', '{\"program\": \"Mozilla/5.0 (Windows NT 10.0) Firefox/140.0\"}'),
            ('5 hours', 'account_changed', 'margaret', 'pages', '192.0.2.7', '{\"fields\": [\"role\", \"profile\"]}'),
            ('3 hours', 'sign_in_failed', NULL, 'traffic_ops', '2001:db8::7:1a2b', '{\"program\": \"curl/8.5.0\"}'),
            ('2 hours', 'reset_asked', NULL, 'pages', '2001:db8::7:1a2b', NULL),
            ('110 minutes', 'password_changed', NULL, 'pages', '2001:db8::7:1a2b', NULL),
            ('20 minutes', 'sessions_ended', NULL, 'cli', NULL, NULL),
            ('3 minutes', 'signed_in', 'holder', 'traffic_ops', '198.51.100.23', '{\"program\": \"curl/8.5.0\"}'))
            AS e (age, event, who, dialect, address, detail)
        WHERE u.username = 'ada' AND m.username = 'margaret';
";

/// The scene is set, and somebody with the role `admin` is signed in.
pub async fn set(house: &House, driver: &Driver) -> (Person, Person, Vec<Shown>) {
    house.has("margaret", "admin");
    house.sql(PEOPLE).await;
    house.sql(EVENTS).await;
    let stranger = Person::at(driver, &house.url, true).await;
    let margaret = Person::at(driver, &house.url, true).await;
    margaret.signs_in("margaret", PASSWORD).await;
    margaret.sees("/account", "margaret").await;
    let links = links(house, &stranger, &margaret).await;
    house.sql(LETTERS).await;
    house.sql(SESSIONS).await;
    (stranger, margaret, pages(house, links).await)
}

/// Links from letters, and a letter.
struct Links {
    reset: String,
    register: String,
    confirm: String,
    letter: String,
}

async fn links(house: &House, stranger: &Person, margaret: &Person) -> Links {
    stranger.open("/forgot-password").await;
    stranger.types("E-mail address", "margaret@example.test").await;
    stranger.presses("Send the letter").await;
    stranger.answers_letter("margaret@example.test").await;
    stranger.sees("/reset-password", "Set a new password").await;
    let reset = key_on(stranger).await;
    margaret.open("/users/invite").await;
    margaret.types("E-mail address", "dorothy@example.test").await;
    margaret.chooses("Role", "operations").await;
    margaret.presses("Send the invitation").await;
    stranger.answers_letter("dorothy@example.test").await;
    stranger.sees("/register", "You are invited").await;
    let register = key_on(stranger).await;
    margaret.open("/account/email").await;
    margaret.types("New e-mail address", "margaret@new.example.test").await;
    margaret.types("Present password", PASSWORD).await;
    margaret.presses("Send the letter").await;
    stranger.answers_letter("margaret@new.example.test").await;
    stranger.sees("/confirm-email", "Is this your").await;
    let confirm = key_on(stranger).await;
    stranger.open("/mailbox").await;
    stranger.follows("Example CDN Password Reset").await;
    let letter = stranger.place().await;
    assert!(house.number("SELECT count(*) FROM latchkey.outbox").await >= 3);
    Links { reset, register, confirm, letter }
}

async fn key_on(person: &Person) -> String {
    let field = person.client.find(fantoccini::Locator::Css("input[name=token]")).await.unwrap();
    field.attr("value").await.unwrap().unwrap()
}

async fn pages(house: &House, links: Links) -> Vec<Shown> {
    let ada = house.number("SELECT id FROM public.tm_user WHERE username = 'ada'").await;
    let invited = house.number("SELECT id FROM public.tm_user WHERE username LIKE 'registration_9f%'").await;
    let mallory = house.number("SELECT id FROM public.tm_user WHERE username = 'mallory'").await;
    let role = house.number("SELECT id FROM public.role WHERE name = 'operations'").await;
    let tenant = house.number("SELECT id FROM public.tenant WHERE name = 'Northern Lights'").await;
    let by_stranger = [
        ("home", "/".to_owned()),
        ("sign-in", "/sign-in?next=%2Faccount%2Fsessions".to_owned()),
        ("forgot-password", "/forgot-password".to_owned()),
        ("forgot-password-sent", "/forgot-password/sent".to_owned()),
        ("reset-password", format!("/reset-password?token={}", links.reset)),
        ("reset-password-done", "/reset-password/done".to_owned()),
        ("register", format!("/register?token={}", links.register)),
        ("confirm-email", format!("/confirm-email?token={}", links.confirm)),
        ("dead-link", "/reset-password?token=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        ("not-found", "/no-such-page".to_owned()),
        ("mailbox", "/mailbox".to_owned()),
        ("letter", links.letter),
    ];
    let by_margaret = [
        ("account", "/account?notice=profile_saved".to_owned()),
        ("profile", "/account/profile".to_owned()),
        ("change-password", "/account/password".to_owned()),
        ("change-email", "/account/email".to_owned()),
        ("sessions", "/account/sessions".to_owned()),
        ("activity", "/account/activity".to_owned()),
        ("users", "/users".to_owned()),
        ("users-invited", "/users?state=invited".to_owned()),
        ("users-none", "/users?search=nobody+at+all".to_owned()),
        ("user", format!("/users/{ada}")),
        ("user-invited", format!("/users/{invited}")),
        ("user-activity", format!("/users/{ada}/activity")),
        ("user-disabled", format!("/users/{mallory}")),
        ("user-edit", format!("/users/{ada}/edit")),
        ("user-new", "/users/new".to_owned()),
        ("user-invite", "/users/invite".to_owned()),
        ("user-remove", format!("/users/{ada}/remove")),
        ("roles", "/roles".to_owned()),
        ("role", format!("/roles/{role}")),
        ("tenants", "/tenants".to_owned()),
        ("tenant", format!("/tenants/{tenant}")),
        ("outbox", "/outbox".to_owned()),
    ];
    let shown = |way: Way| move |(name, place): (&'static str, String)| Shown { name, place, way };
    let mut pages: Vec<_> = by_stranger.into_iter().map(shown(Way::Stranger)).collect();
    let reset = format!("/reset-password?token={}", links.reset);
    pages.push(Shown { name: "reset-password-shown", place: reset, way: Way::ShownPassword });
    pages.extend(by_margaret.into_iter().map(shown(Way::Signed)));
    pages.push(Shown { name: "user-new-refused", place: "/users/new".to_owned(), way: Way::Empty });
    pages.push(Shown { name: "sign-in-refused", place: "/sign-in".to_owned(), way: Way::Refused });
    let trouble = |(name, trouble)| Shown { name, place: "/".to_owned(), way: Way::Trouble(trouble) };
    pages.extend(Trouble::ALL.into_iter().map(trouble));
    pages
}

impl Shown {
    /// Goes there.
    pub async fn visit(&self, house: &House, stranger: &Person, margaret: &Person) -> fantoccini::Client {
        if let Way::Trouble(trouble) = self.way {
            return trouble.shown(house, stranger, margaret).await;
        }
        let person = match self.way {
            Way::Stranger | Way::ShownPassword | Way::Refused | Way::Trouble(_) => stranger,
            Way::Signed | Way::Empty => margaret,
        };
        person.open(&self.place).await;
        match self.way {
            Way::Stranger | Way::Signed | Way::Trouble(_) => {}
            Way::Refused => person.signs_in("nobody", "a wrong password").await,
            Way::Empty => {
                person.presses("Create the account").await;
                person.sees("/users/new", "This needs another look").await;
            }
            Way::ShownPassword => {
                person.types("New password", EXAMPLE).await;
                person.types("New password again", EXAMPLE).await;
                person.presses("Show what I typed").await;
                person.sees("/reset-password", "Very hard to guess.").await;
            }
        }
        person.client.clone()
    }
}
