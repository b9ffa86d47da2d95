//! The pages that nobody wants to see, come by honestly: the house gets into trouble, the page is opened, the trouble ends.

use fantoccini::Client;

use super::{
    house::{House, PASSWORD},
    person::Person,
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Somebody's role does not allow it.
    Forbidden,
    /// Somebody types wrong passwords, one after the other.
    TooMany,
    /// A defect: a table is gone.
    Broken,
    /// The database takes nobody in.
    Away,
}

impl Trouble {
    /// Every kind, with the name of its pictures.
    pub const ALL: [(&str, Self); 4] = [
        ("forbidden", Self::Forbidden),
        ("too-many-tries", Self::TooMany),
        ("server-error", Self::Broken),
        ("unavailable", Self::Away),
    ];

    /// Gets into it, sees the page, and gets out of it.
    pub async fn shown(self, house: &House, stranger: &Person, margaret: &Person) -> Client {
        match self {
            Self::Forbidden => {
                house.sql(&role_of_margaret("portal")).await;
                margaret.open("/outbox").await;
                house.sql(&role_of_margaret("admin")).await;
                margaret.sees("/outbox", "This is not open to you").await;
            }
            Self::TooMany => return too_many(stranger).await,
            Self::Broken => {
                house.sql("ALTER TABLE latchkey.outbox RENAME TO mislaid").await;
                margaret.open("/outbox").await;
                house.sql("ALTER TABLE latchkey.mislaid RENAME TO outbox").await;
                margaret.sees("/outbox", "Something went wrong here").await;
            }
            Self::Away => {
                let held = house.closed().await;
                margaret.open("/account").await;
                held.open_again().await;
                margaret.sees("/account", "Not available just now").await;
            }
        }
        margaret.client.clone()
    }
}

fn role_of_margaret(role: &str) -> String {
    format!(
        "UPDATE public.tm_user SET role = (SELECT id FROM public.role WHERE name = '{role}') \
         WHERE username = 'margaret'"
    )
}

/// Each guess in vain makes the next one wait longer.
async fn too_many(stranger: &Person) -> Client {
    for _ in 0..12 {
        stranger.signs_in("mallory", &format!("not {PASSWORD}")).await;
        if stranger.words().await.contains("Too many tries") {
            return stranger.client.clone();
        }
    }
    panic!("nobody minds twelve wrong passwords: {}", stranger.words().await);
}
