//! Letters: written from templates, carried from the outbox to a mail server, tried again until they arrive.

mod courier;
mod letter;
mod mailbox;
mod render;
mod settings;
pub mod transport;

pub use courier::Courier;
pub use letter::Letter;
pub use mailbox::KeptLetters;
pub use render::{Instance, InstanceRefused, RenderError, Renderer, Subject};
pub use settings::{MailPassword, MailSettings, Security, SmtpSettings, TransportKind};
pub use transport::{DeliveryError, Directory, Memory, Reason, Smtp, Transport, TransportRefused};
