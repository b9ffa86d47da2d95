//! What services stand on beside the database: time and chance, which a test hands in itself, hashing, and what one
//! process knows of itself: counts, what is under way, what was found out a moment ago.

mod bell;
mod clock;
mod counters;
mod entropy;
pub mod hasher;
mod mailbox;
pub mod recent;
mod under_way;

pub use bell::Bell;
pub use clock::{Clock, ManualClock, SystemClock};
pub use counters::{Connected, Counters, Throttled};
pub use entropy::{Entropy, OsEntropy};
pub use hasher::{Hasher, HasherSettings, HashingLoad, Overloaded, Verdict};
pub use mailbox::{Mailbox, MailboxLetter};
pub use recent::Recent;
pub use under_way::{Begun, UnderWay};
