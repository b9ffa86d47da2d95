//! What comes from outside the program and a test hands in itself: time, chance, the cost of hashing.

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
