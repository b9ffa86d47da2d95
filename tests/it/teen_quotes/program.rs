//! A program that was written for the contract, as a test uses it.

pub use crate::support::{carrying, is, post_form as post, said};
use crate::{
    contract::wire::Answer,
    support::{Client, GUESS, TestApp, form},
};

pub const REMIND: &str = "/v1/password/remind";
pub const RESET: &str = "/v1/password/reset";
pub const UPDATE: &str = "/v1/users/password";

pub const REMINDED: &str = r#"{"status":"reminder_sent","success":"An email was sent to the user."}"#;
pub const DONE: &str = r#"{"status":"password_reset","success":"The new password has been set."}"#;
pub const UPDATED: &str = r#"{"status":"password_updated","success":"The new password has been set."}"#;
pub const WRONG_USER: &str = r#"{"status":"wrong_user","error":"The email address doesn't match a user."}"#;
pub const WRONG_PASSWORD: &str = r#"{"status":"wrong_password","error":"The password is wrong."}"#;
pub const WRONG_TOKEN: &str = r#"{"status":"wrong_token","error":"The reset token is invalid."}"#;
pub const NO_TOKEN: &str =
    r#"{"status":401,"error":"unauthorized","error_message":"Access token is missing"}"#;
pub const BAD_TOKEN: &str =
    r#"{"status":401,"error":"unauthorized","error_message":"Access token is not valid"}"#;

/// A program that the operator made known.
pub struct Program {
    client: Client,
    id: String,
    secret: String,
}

/// A pair of tokens.
pub struct Pair {
    pub access: String,
    pub refresh: String,
}

impl Program {
    pub async fn known(app: &TestApp, id: &str) -> Self {
        Self { client: app.anonymous(), id: id.to_owned(), secret: app.knows(id).await }
    }

    /// The same program, whose fields are guesses.
    pub fn guessing(&self) -> Self {
        let client = self.client.with(GUESS, "1");
        Self { client, id: self.id.clone(), secret: self.secret.clone() }
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Asks for tokens.
    pub async fn asks(&self, fields: &[(&str, &str)]) -> Answer {
        let own = [("client_id", self.id.as_str()), ("client_secret", self.secret.as_str())];
        post(&self.client, "/oauth", &[fields, &own].concat()).await
    }

    /// A token of its own.
    pub async fn token(&self) -> String {
        pair(&self.asks(&[("grant_type", "client_credentials")]).await).access
    }

    /// Itself, carrying a token of its own.
    pub async fn with_token(&self) -> Client {
        carrying(&self.client, &self.token().await)
    }

    /// Tokens of an account.
    pub async fn signs_in(&self, username: &str, password: &str) -> Pair {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        pair(&self.asks(&fields).await)
    }

    /// Uses a refresh token.
    pub async fn refreshes(&self, refresh: &str) -> Answer {
        self.asks(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
    }
}

/// The tokens of an answer that grants some.
#[track_caller]
pub fn pair(answer: &Answer) -> Pair {
    assert_eq!(answer.status, 200, "{}", said(answer));
    let text = |key: &str| answer.json()[key].as_str().unwrap().to_owned();
    Pair { access: text("access_token"), refresh: text("refresh_token") }
}

/// Sets the password of whoever's token the client carries.
pub async fn update(client: &Client, password: &str) -> Answer {
    let client = client.with("Content-Type", "application/x-www-form-urlencoded");
    let pairs = [("password", password), ("password_confirmation", password)];
    client.send("PUT", UPDATE, form(&pairs)).await
}

/// Redeems a key.
pub async fn reset(client: &Client, email: &str, key: &str, password: &str) -> Answer {
    post(client, RESET, &[("email", email), ("token", key), ("password", password)]).await
}

/// The key of the one letter that asking for a reset of this address brings.
pub async fn mailed_key(app: &TestApp, client: &Client, email: &str) -> String {
    is(&post(client, REMIND, &[("email", email)]).await, 200, REMINDED);
    app.deliver().await.only_letter_to(email).reset_key()
}
