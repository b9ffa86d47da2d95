//! What the letters say, and what can not be smuggled into them.

use std::time::Duration;

use time::macros::datetime;

use super::*;
use crate::domain::{AccountId, LetterKind, ResetKey};

fn instance() -> Instance {
    Instance {
        name: "Probe & CDN".to_owned(),
        from: "accounts@example.test".to_owned(),
        support: None,
        public_url: "https://login.example.test".to_owned(),
        reset_link: "https://login.example.test/reset?a=1&key={key}".to_owned(),
        registration_link: "https://portal.example.test/#!/user?token={key}".to_owned(),
    }
}

fn promised(kind: LetterKind) -> PromisedLetter {
    PromisedLetter {
        id: 7,
        kind,
        dialect: "traffic_ops".to_owned(),
        recipient: "Alice@Example.Test".to_owned(),
        account: Some(AccountId(3)),
        origin: Some("192.0.2.7".to_owned()),
        link: None,
        promised_at: datetime!(2026-11-21 19:22:05 UTC),
        expires_at: datetime!(2026-11-21 20:22:05 UTC),
        attempts: 1,
    }
}

fn alice() -> Addressee {
    Addressee {
        account: AccountId(3),
        username: "alice".to_owned(),
        full_name: Some("Alice Liddell".to_owned()),
        email: "alice@example.test".to_owned(),
    }
}

fn key() -> ResetKey {
    ResetKey::parse("abcdefghijABCDEFGHIJ0123456789").unwrap()
}

fn reset(to: &Addressee) -> Letter {
    let renderer = Renderer::new(instance()).unwrap();
    let now = datetime!(2026-11-21 19:22:07 UTC);
    renderer.render(&Subject::PasswordReset(key()), &promised(LetterKind::PasswordReset), to, now).unwrap()
}

#[test]
fn a_reset_letter_says_who_asked_from_where_and_for_how_long_the_link_lives() {
    let letter = reset(&alice());
    assert_eq!(letter.subject, "Probe & CDN Password Reset Request");
    for expected in [
        "Hello Alice Liddell,",
        "for the account alice\n",
        "from the IP address 192.0.2.7",
        "21 November 2026, 19:22 UTC",
        "\nhttps://login.example.test/reset?a=1&key=abcdefghijABCDEFGHIJ0123456789\n",
        "until 21 November 2026, 20:22 UTC\n(1 hour from now)",
        "Nothing has changed",
    ] {
        assert!(letter.text.contains(expected), "{expected:?} is missing in\n{}", letter.text);
    }
    assert!(
        letter
            .html
            .contains("href=\"https://login.example.test/reset?a=1&amp;key=abcdefghijABCDEFGHIJ0123456789\"")
    );
    assert!(letter.html.contains("on Probe &amp; CDN, from the IP address 192.0.2.7"));
    assert!(!letter.text.contains("&amp;"));
    assert!(
        letter.html.contains("until 21&nbsp;November&nbsp;2026, 20:22&nbsp;UTC (1&nbsp;hour from"),
        "{}",
        letter.html
    );
}

#[test]
fn where_nobody_chooses_a_password_the_headline_promises_no_choice() {
    let renderer = Renderer::new(instance()).unwrap();
    let promised =
        PromisedLetter { dialect: "buddha_jones".to_owned(), ..promised(LetterKind::PasswordReset) };
    let now = datetime!(2026-11-21 19:22:07 UTC);
    let letter = renderer.render(&Subject::PasswordReset(key()), &promised, &alice(), now).unwrap();
    assert!(letter.html.contains(">Get a new password</h1>"), "{}", letter.html);
    assert!(reset(&alice()).html.contains(">Choose a new password</h1>"));
}

#[test]
fn a_reset_goes_to_the_address_of_the_account_however_it_was_asked_for() {
    assert_eq!(reset(&alice()).recipient, "alice@example.test");
}

#[test]
fn an_invitation_leads_to_the_operator_s_own_page_and_calls_nobody_by_a_drawn_name() {
    let renderer = Renderer::new(instance()).unwrap();
    let drawn = Addressee { username: "registration_0123".to_owned(), full_name: None, ..alice() };
    let promised = PromisedLetter {
        expires_at: datetime!(2026-11-28 19:22:05 UTC),
        ..promised(LetterKind::Registration)
    };
    let now = datetime!(2026-11-21 19:22:07 UTC);
    let letter = renderer.render(&Subject::Registration(key()), &promised, &drawn, now).unwrap();
    assert_eq!(letter.subject, "Probe & CDN New User Registration");
    for expected in [
        "Hello alice@example.test,",
        "\nhttps://portal.example.test/#!/user?token=abcdefghijABCDEFGHIJ0123456789\n",
        "until 28 November 2026, 19:22 UTC\n(7 days from now)",
    ] {
        assert!(letter.text.contains(expected), "{expected:?} is missing in\n{}", letter.text);
    }
    assert!(!letter.text.contains("registration_0123") && !letter.html.contains("registration_0123"));
    assert!(letter.html.contains("href=\"https://portal.example.test/#!/user?token=abcdefghij"));
}

#[test]
fn a_notice_goes_to_the_address_that_was_promised_and_holds_no_key() {
    let renderer = Renderer::new(instance()).unwrap();
    let notice = promised(LetterKind::PasswordChanged);
    let letter = renderer
        .render(&Subject::PasswordChanged, &notice, &alice(), datetime!(2026-11-21 19:30 UTC))
        .unwrap();
    assert_eq!(letter.recipient, "Alice@Example.Test");
    assert_eq!(letter.subject, "Probe & CDN Password Changed");
    assert!(
        letter.text.contains("was changed\non 21 November 2026, 19:22 UTC, from the IP address 192.0.2.7.")
    );
    assert!(!letter.text.contains("key=") && !letter.html.contains("key="));
}

#[test]
fn a_letter_names_the_people_to_ask_where_there_are_any_and_a_reply_goes_to_them() {
    let now = datetime!(2026-11-21 19:30 UTC);
    let written = |support: Option<&str>, subject: Subject| {
        let support = support.map(str::to_owned);
        let renderer = Renderer::new(Instance { support, ..instance() }).unwrap();
        renderer.render(&subject, &promised(subject.kind()), &alice(), now).unwrap()
    };
    for subject in [Subject::PasswordChanged, Subject::EmailChanged, Subject::AccountDisabled] {
        let letter = written(Some("help@example.test"), subject);
        let message = String::from_utf8_lossy(letter.message()).into_owned();
        assert!(message.contains("\r\nReply-To: help@example.test\r\n"), "{message}");
        assert!(letter.text.contains(":\n\nhelp@example.test\n\n-- \n"), "{}", letter.text);
        assert!(letter.text.contains("Questions? Reply to this letter, or write to help@example.test."));
        assert_eq!(letter.html.matches("href=\"mailto:help@example.test\"").count(), 2, "{}", letter.html);
    }
    let letter = written(None, Subject::AccountDisabled);
    assert!(letter.text.contains("ask the people who run Probe & CDN.\n\n-- \n"), "{}", letter.text);
    assert!(letter.text.contains("Replies to it may not be read.") && !letter.html.contains("mailto:"));
    assert!(!String::from_utf8_lossy(letter.message()).contains("Reply-To"));
}

#[test]
fn names_can_neither_add_markup_nor_lines() {
    let mallory = Addressee {
        username: "<b>m</b>\r\nBcc: x@y.test".to_owned(),
        full_name: Some("\u{202e}{{ link }}<script>".to_owned()),
        ..alice()
    };
    let letter = reset(&mallory);
    assert!(letter.html.contains("Hello {{ link }}&lt;script&gt;,"));
    assert!(!letter.html.contains("<b>m") && !letter.html.contains("<script"));
    assert!(letter.text.contains("for the account <b>m</b>  Bcc: x@y.test\n"));
    assert!(!String::from_utf8_lossy(letter.message()).contains("\nBcc:"));
}

#[test]
fn the_message_has_the_headers_that_mail_servers_look_for() {
    let letter = reset(&alice());
    let message = String::from_utf8(letter.message().to_vec()).unwrap();
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    for line in [
        "From: =?utf-8?b?UHJvYmUgJiBDRE4=?= <accounts@example.test>",
        "To: alice@example.test",
        "Subject: Probe & CDN Password Reset Request",
        "Date: Sat, 21 Nov 2026 19:22:07 +0000",
        "MIME-Version: 1.0",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative;",
    ] {
        assert!(head.lines().any(|found| found.starts_with(line)), "{line:?} is missing in\n{head}");
    }
    assert!(head.contains("\r\nMessage-ID: <7."), "{head}");
    let (text, html) = (body.find("text/plain").unwrap(), body.find("text/html").unwrap());
    assert!(text < html, "the part that is preferred comes last");
    assert!(message.lines().all(|line| line.len() <= 998));
}

#[test]
fn a_letter_that_is_written_twice_carries_one_message_id() {
    let id = |letter: Letter| {
        let message = String::from_utf8(letter.message().to_vec()).unwrap();
        message.lines().find(|line| line.starts_with("Message-ID")).map(str::to_owned)
    };
    assert_eq!(id(reset(&alice())), id(reset(&alice())));
}

#[test]
fn names_beyond_ascii_are_encoded() {
    let renderer = Renderer::new(Instance { name: "Anmeldung für Köche".to_owned(), ..instance() }).unwrap();
    let to = Addressee { full_name: Some("Zoë Ærø".to_owned()), ..alice() };
    let now = datetime!(2026-11-21 19:22:07 UTC);
    let letter = renderer
        .render(&Subject::PasswordReset(key()), &promised(LetterKind::PasswordReset), &to, now)
        .unwrap();
    assert!(letter.message().is_ascii());
    assert!(letter.text.contains("Hello Zoë Ærø,"));
    assert!(String::from_utf8_lossy(letter.message()).contains("Subject: Anmeldung =?utf-8?b?"));
}

#[test]
fn an_address_that_would_break_the_envelope_is_refused() {
    for bad in
        ["alice@example.test\r\nRCPT TO:<eve@example.test>", "a\0@example.test", "nobody", "Eve <eve@x.test>"]
    {
        let renderer = Renderer::new(instance()).unwrap();
        let to = Addressee { email: bad.to_owned(), ..alice() };
        let now = datetime!(2026-11-21 19:22:07 UTC);
        let refused =
            renderer.render(&Subject::PasswordReset(key()), &promised(LetterKind::PasswordReset), &to, now);
        assert!(matches!(refused, Err(RenderError::Address)), "{bad:?}");
    }
}

#[test]
fn an_instance_that_would_spoil_every_letter_is_refused() {
    let refused = |change: fn(&mut Instance)| {
        let mut instance = instance();
        change(&mut instance);
        Renderer::new(instance).err()
    };
    assert_eq!(refused(|i| i.name = "a\r\nBcc: x@y.test".to_owned()), Some(InstanceRefused::Name));
    assert_eq!(refused(|i| i.name = " ".to_owned()), Some(InstanceRefused::Name));
    assert_eq!(refused(|i| i.from = "nobody".to_owned()), Some(InstanceRefused::From));
    assert_eq!(refused(|i| i.from = "a\n <a@b.test>".to_owned()), Some(InstanceRefused::From));
    assert_eq!(
        refused(|i| i.support = Some("Help <help@x.test>".to_owned())),
        Some(InstanceRefused::Support)
    );
    assert_eq!(refused(|i| i.public_url = "login.example.test".to_owned()), Some(InstanceRefused::PublicUrl));
    assert_eq!(refused(|i| i.reset_link = "https://x.test/".to_owned()), Some(InstanceRefused::ResetLink));
    assert_eq!(refused(|i| i.reset_link = "javascript:{key}".to_owned()), Some(InstanceRefused::ResetLink));
    assert_eq!(
        refused(|i| i.registration_link = "https://x.test/".to_owned()),
        Some(InstanceRefused::RegistrationLink)
    );
    assert_eq!(refused(|i| i.from = "Accounts <accounts@example.test>".to_owned()), None);
    assert_eq!(refused(|i| i.from = "latchkey@localhost".to_owned()), None);
}

#[test]
fn an_instance_is_refused_by_the_setting_that_is_to_blame() {
    use InstanceRefused as Refused;
    for (refused, setting) in [
        (Refused::Name, "mail.instance"),
        (Refused::From, "mail.from"),
        (Refused::Support, "mail.support"),
        (Refused::PublicUrl, "public_url"),
        (Refused::ResetLink, "recovery.link"),
        (Refused::RegistrationLink, "recovery.registration_link"),
    ] {
        let said = refused.to_string();
        assert!(said.starts_with(&format!("{setting} ")), "{said}");
    }
    assert!(Refused::ResetLink.to_string().contains(" with {key} in it once"));
}

#[test]
fn time_spans_are_said_as_people_say_them() {
    let said = |seconds| in_words(Duration::from_secs(seconds));
    assert_eq!(said(3598), "1 hour");
    assert_eq!(said(86_400), "24 hours");
    assert_eq!(said(5400), "1 hour and 30 minutes");
    assert_eq!(said(604_799), "7 days");
    assert_eq!(said(60), "1 minute");
    assert_eq!(said(29), "less than a minute");
}
