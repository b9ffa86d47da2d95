//! Writes each letter into a file of its own, for looking at mail without a mail server.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};
use tokio::task::JoinError;

use super::{DeliveryError, Letter, Reason, TransportRefused, absence::Absence};
use crate::ports::{Clock, Entropy};

const STAMP: StaticFormatDescription =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:6]Z");

/// A folder of `.eml` files whose names sort by time.
pub struct Directory {
    folder: PathBuf,
    absence: Absence,
}

impl Directory {
    /// Uses a folder; makes it, for this user only, if it is not there.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn open(folder: &Path) -> Result<Self, TransportRefused> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|cause| TransportRefused::Directory { path: folder.to_owned(), cause })?;
        Ok(Self { folder: folder.to_owned(), absence: Absence::default() })
    }

    pub(super) async fn deliver(
        &self,
        letter: &Letter,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), DeliveryError> {
        let written = self.write(letter).await;
        match &written {
            Ok(()) => self.absence.is_over(&self.folder.display()),
            Err(error) => self.absence.begins(&self.folder.display(), clock.now(), entropy, error.reason()),
        }
        written
    }

    pub(super) fn why_held(&self, now: OffsetDateTime) -> Option<Reason> {
        self.absence.why_held(now)
    }

    async fn write(&self, letter: &Letter) -> Result<(), DeliveryError> {
        let stamp = letter.written_at.format(STAMP).map_err(|defect| unreachable(defect.to_string()))?;
        let name = format!("{stamp}-{:010}.eml", letter.number);
        let (folder, message) = (self.folder.clone(), letter.message().to_vec());
        match aside(move || write(&folder, &name, &message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => Err(unreachable(cause.to_string())),
            Err(defect) => Err(unreachable(defect.to_string())),
        }
    }
}

/// Runs file work where it holds up no request.
#[expect(clippy::disallowed_methods, reason = "bounded: a courier carries one letter at a time")]
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    tokio::task::spawn_blocking(work).await
}

/// Whoever lists the folder never sees half a letter: it gets its name when it is whole and on the disk.
fn write(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let aside = folder.join(format!(".{name}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    let written = file.write_all(message).and_then(|()| file.sync_data());
    let placed = written.and_then(|()| fs::rename(&aside, folder.join(name)));
    if let Err(cause) = placed {
        // The first cause is the one worth telling; a file left aside is not listed as a letter.
        let _ = fs::remove_file(&aside);
        return Err(cause);
    }
    File::open(folder)?.sync_all()
}

fn unreachable(cause: String) -> DeliveryError {
    DeliveryError::Unreachable(Reason {
        what: "the mail folder can't be written".to_owned(),
        said: Some(cause),
    })
}
