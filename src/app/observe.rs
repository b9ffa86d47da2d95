//! What those are shown who watch: whether the process is alive, whether it is ready, and what it counts.

use std::sync::Arc;

use anyhow::Context as _;
use http::StatusCode;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

use super::metrics::{self, Figures};
use crate::{
    api::site::Site,
    config::ObserveSettings,
    ports::{Counters, Hasher},
    server::{Shown, observe},
    service::{Readiness, Unready},
    store::{Database, StoreError, condition, outbox},
};

/// Everything that is watched.
#[derive(Clone)]
pub struct Observatory {
    pub(super) site: Arc<Site>,
    pub(super) database: Database,
    pub(super) hasher: Hasher,
    pub(super) counters: Counters,
}

impl Observatory {
    /// Shows it on a listener until the handle is aborted.
    pub fn open(self, listener: TcpListener) -> AbortHandle {
        let show = move |path: String| {
            let here = self.clone();
            async move { here.show(&path).await }
        };
        tokio::spawn(observe(listener, show)).abort_handle()
    }

    /// What is at a path.
    pub async fn show(&self, path: &str) -> Shown {
        match path {
            "/healthz" => Shown::line(StatusCode::OK, "alive"),
            "/readyz" => ready(self.site.services.readiness.ask().await),
            "/metrics" => match metrics::text(self.figures().await) {
                Ok(body) => Shown { status: StatusCode::OK, content_type: metrics::CONTENT_TYPE, body },
                Err(error) => {
                    tracing::error!(%error, "the metrics can't be written");
                    Shown::line(StatusCode::INTERNAL_SERVER_ERROR, "the metrics can't be written")
                }
            },
            _ => Shown::line(StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics"),
        }
    }

    async fn figures(&self) -> Figures {
        let ready = self.site.services.readiness.ask().await;
        // Who does not answer a cheap question is not asked the dear ones.
        let stored = match ready {
            Err(Unready::DatabaseAway | Unready::OldSchema) => None,
            Ok(()) | Err(Unready::Stopping | Unready::ReadOnly) => self.stored().await.ok(),
        };
        Figures {
            site: self.site.clone(),
            ready: ready.is_ok(),
            hashing: self.hasher.load(),
            pool: self.database.load(),
            throttles: self.counters.throttles(),
            connections: self.counters.connections(),
            stored,
        }
    }

    async fn stored(&self) -> Result<metrics::Stored, StoreError> {
        let (client, now) = (self.database.client().await?, self.site.clock.now());
        let (outbox, sessions) =
            (outbox::figures(&client, now).await?, condition::live_sessions(&client, now).await?);
        Ok(metrics::Stored { outbox, sessions })
    }
}

/// The socket that the settings name.
pub(super) async fn listener(settings: &ObserveSettings) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = settings.listen else { return Ok(None) };
    let listener = TcpListener::bind(address).await;
    Ok(Some(listener.with_context(|| format!("observe.listen: {address} can't be listened on"))?))
}

/// Says that requests should go elsewhere, as soon as the stop is known: before the last of them is answered.
pub(super) async fn leave(readiness: Readiness, mut stop: watch::Receiver<bool>) {
    let _sender_gone = stop.wait_for(|stop| *stop).await;
    readiness.stop();
}

fn ready(verdict: Result<(), Unready>) -> Shown {
    match verdict {
        Ok(()) => Shown::line(StatusCode::OK, "ready"),
        Err(why) => Shown::line(StatusCode::SERVICE_UNAVAILABLE, &format!("not ready: {why}")),
    }
}
