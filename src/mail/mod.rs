//! Letters: written from templates, carried from the outbox to a mail server, tried again until they arrive.

mod backoff;
mod courier;
mod letter;
mod mailbox;
mod render;
mod samples;
mod settings;
mod subject;
mod templates;
pub mod transport;
mod words;

pub use courier::{Courier, Pace};
pub use letter::Letter;
pub use mailbox::KeptLetters;
pub(crate) use render::is_link;
pub use render::{Instance, InstanceRefused, RenderError, Renderer};
pub use samples::{Sample, samples};
pub use settings::{MailSettings, Security, SmtpSettings, TransportKind};
pub use subject::Subject;
pub use transport::{
    DeliveryError, Directory, Memory, Reason, RelayRefused, Relays, Smtp, Transport, TransportRefused,
};
