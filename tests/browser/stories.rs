//! What people come for, each story with scripts and without.

use super::{
    driver::Driver,
    house::{House, PASSWORD},
    person::Person,
};

const NEW: &str = "eleven quiet lanterns";

#[tokio::test]
async fn forgot_letter_new_password_sign_in_end_another_session_sign_out() {
    for scripts in [true, false] {
        let (house, driver) = (House::open(), Driver::start().await);
        house.has("alice", "read-only");
        let elsewhere = Person::at(&driver, &house.url, scripts).await;
        let alice = Person::at(&driver, &house.url, scripts).await;

        alice.open("/").await;
        alice.follows("I forgot my password").await;
        alice.types("E-mail address", "alice@example.test").await;
        alice.presses("Send the letter").await;
        alice.sees("/forgot-password/sent", "Check your mail").await;
        alice.answers_letter("alice@example.test").await;
        alice.sees("/reset-password", "Set a new password").await;
        assert_eq!(alice.place().await, "/reset-password", "the key is gone from the address bar");
        alice.types("New password", "alice").await;
        alice.types("New password again", "alice").await;
        alice.presses("Set the password").await;
        alice.sees("/reset-password", "The password must not be the user name.").await;
        alice.types("New password", NEW).await;
        alice.types("New password again", NEW).await;
        alice.presses("Show what I typed").await;
        alice.sees("/reset-password", "Very hard to guess.").await;
        alice.presses("Set the password").await;
        alice.sees("/reset-password/done", "The new password is set").await;

        elsewhere.signs_in("alice", PASSWORD).await;
        elsewhere.sees("/sign-in", "don't go together").await;
        elsewhere.signs_in("alice", NEW).await;
        elsewhere.sees("/account", "alice@example.test").await;
        alice.follows("Sign in").await;
        alice.signs_in("alice", NEW).await;
        alice.sees("/account", "alice@example.test").await;
        alice.follows("Show where you are signed in").await;
        alice.sees("/account/sessions", "this one").await;
        alice.presses("End this one").await;
        alice.sees("/account/sessions", "The session has ended.").await;
        elsewhere.open("/account").await;
        elsewhere.sees("/sign-in", "Sign in").await;
        alice.presses("Sign out").await;
        alice.sees("/sign-in", "You are signed out.").await;
        elsewhere.leaves().await;
        alice.leaves().await;
    }
}

#[tokio::test]
async fn an_invitation_from_the_letter_to_ones_own_profile_and_address() {
    for scripts in [true, false] {
        let (house, driver) = (House::open(), Driver::start().await);
        let boss = Person::at(&driver, &house.url, scripts).await;
        boss.signs_in("admin", PASSWORD).await;
        boss.follows("Users").await;
        boss.follows("Invite somebody").await;
        boss.types("E-mail address", "carol@example.test").await;
        boss.chooses("Role", "read-only").await;
        boss.chooses("Tenant", "root").await;
        boss.presses("Send the invitation").await;
        boss.sees("/users", "An invitation is on its way.").await;

        let carol = Person::at(&driver, &house.url, scripts).await;
        carol.answers_letter("carol@example.test").await;
        carol.sees("/register", "You are invited as carol@example.test").await;
        carol.types("User name", "carol").await;
        carol.types("Your name", "Carol Danvers").await;
        carol.types("Password", NEW).await;
        carol.types("Password again", NEW).await;
        carol.presses("Open the account").await;
        carol.sees("/sign-in", "Your account is open.").await;
        carol.signs_in("carol", NEW).await;
        carol.sees("/account", "Carol Danvers").await;

        carol.follows("Change the e-mail address").await;
        carol.types("New e-mail address", "carol@new.example.test").await;
        carol.types("Present password", NEW).await;
        carol.presses("Send the letter").await;
        carol.sees("/account", "A letter is on its way to the new address.").await;
        carol.answers_letter("carol@new.example.test").await;
        carol.sees("/confirm-email", "carol@new.example.test").await;
        carol.presses("Use this e-mail address").await;
        carol.sees("/account", "The account has its new e-mail address.").await;
        carol.follows("Change the password").await;
        carol.types("Present password", NEW).await;
        carol.types("New password", PASSWORD).await;
        carol.types("New password again", PASSWORD).await;
        carol.presses("Change the password").await;
        carol.sees("/account", "Your password is changed.").await;
        carol.leaves().await;
        boss.leaves().await;
    }
}

#[tokio::test]
async fn an_administrator_s_day() {
    for scripts in [true, false] {
        let (house, driver) = (House::open(), Driver::start().await);
        house.has("erin", "read-only");
        let erin = Person::at(&driver, &house.url, scripts).await;
        erin.signs_in("erin", PASSWORD).await;
        let boss = Person::at(&driver, &house.url, scripts).await;
        boss.signs_in("admin", PASSWORD).await;

        boss.follows("Tenants").await;
        boss.follows("New tenant").await;
        boss.types("Name", "harbour").await;
        boss.presses("Save").await;
        boss.sees("/tenants", "harbour").await;
        boss.follows("Roles").await;
        boss.follows("New role").await;
        boss.types("Name", "clerk").await;
        boss.types("What it is for", "Looks things up").await;
        boss.ticks("USER:READ").await;
        boss.presses("Save").await;
        boss.sees("/roles", "Looks things up").await;

        boss.follows("Users").await;
        boss.types("User name, name", "eri").await;
        boss.presses("Search").await;
        boss.follows("erin").await;
        boss.follows("Edit").await;
        boss.types("Name", "Erin Ö'Malley").await;
        boss.chooses("Role", "clerk").await;
        boss.chooses("Tenant", "harbour").await;
        boss.presses("Save").await;
        let user =
            format!("/users/{}", house.number("SELECT id FROM public.tm_user WHERE username = 'erin'").await);
        boss.sees(&user, "Erin Ö'Malley").await;
        boss.presses("Send a reset letter").await;
        boss.sees(&user, "A letter is on its way").await;
        boss.presses("End all sessions").await;
        boss.sees(&user, "All sessions of the account have ended.").await;
        erin.open("/account/profile").await;
        erin.sees("/sign-in", "Sign in to go on.").await;
        boss.follows("Letters").await;
        boss.sees("/outbox", "Reset").await;
        boss.follows("Sent").await;
        boss.sees("/outbox", "no longer kept").await;

        boss.open(&user).await;
        boss.presses("Disable").await;
        boss.sees(&user, "The account is disabled").await;
        erin.signs_in("erin", PASSWORD).await;
        erin.sees("/sign-in", "may not sign in").await;
        boss.follows("Remove").await;
        boss.presses("Remove the account").await;
        boss.sees("/users", "The account is removed.").await;
        erin.leaves().await;
        boss.leaves().await;
    }
}
