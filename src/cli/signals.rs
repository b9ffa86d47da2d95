//! What the system tells a running server, and what the server tells the service manager.

use std::{path::PathBuf, sync::Arc};

use sd_notify::NotifyState;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::AbortHandle,
    time::interval,
};

use crate::{
    api::site::Site,
    app::{self, CertificateWatch},
    config::SessionSettings,
};

/// Turns true at the first SIGTERM or SIGINT; the second ends the program at once.
pub(super) fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.send_replace(true) {
                std::process::exit(1);
            }
            tell(&[NotifyState::Stopping]);
        }
    });
    Ok(stopped)
}

/// What SIGHUP reads again.
pub(super) struct Reloaded {
    /// The certificate, if there is one.
    pub certificates: Option<CertificateWatch>,
    /// Whose session secrets.
    pub site: Arc<Site>,
    /// Where they are.
    pub session: SessionSettings,
    /// The data folder.
    pub data: PathBuf,
}

/// Reads secrets and certificates again at each SIGHUP, until the handle is aborted.
pub(super) fn reload_at_hangup(reloaded: Reloaded) -> anyhow::Result<AbortHandle> {
    let mut hangup = signal(SignalKind::hangup())?;
    let task = tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            // The time is what `Type=notify-reload` tells this reload from another by.
            let since = NotifyState::monotonic_usec_now().ok();
            tell(&[Some(NotifyState::Reloading), since].into_iter().flatten().collect::<Vec<_>>());
            reloaded.read_again().await;
            tell(&[NotifyState::Ready]);
        }
    });
    Ok(task.abort_handle())
}

impl Reloaded {
    async fn read_again(&self) {
        match app::reload_secrets(&self.site, &self.session, &self.data) {
            Ok(keys) => tracing::info!(keys, "the session secrets were read again"),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the new session secrets can't be used: the former ones stay");
            }
        }
        if let Some(certificates) = &self.certificates {
            certificates.reload().await;
        }
    }
}

/// Tells the service manager that requests are answered, and from then on, if it wants to know (`WatchdogSec=`),
/// that they still are.
pub(super) fn serving() -> Option<AbortHandle> {
    tell(&[NotifyState::Ready]);
    let within = sd_notify::watchdog_enabled().filter(|within| !within.is_zero())?;
    let mut beat = interval(within / 2);
    let task = tokio::spawn(async move {
        loop {
            beat.tick().await;
            tell(&[NotifyState::Watchdog]);
        }
    });
    Some(task.abort_handle())
}

/// Nothing happens where no service manager listens (`NOTIFY_SOCKET`).
fn tell(states: &[NotifyState]) {
    if let Err(fault) = sd_notify::notify(states) {
        tracing::debug!(%fault, "the service manager does not listen");
    }
}
