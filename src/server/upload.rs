//! A request's body that remembers whether it has arrived: it decides whose fault a time-out is.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::running::{Lent, Running};

/// The body as hyper hands it over, under watch.
pub(super) struct Upload {
    inner: Incoming,
    watched: Option<Watched>,
}

struct Watched {
    awaited: Arc<AtomicBool>,
    running: Arc<Running>,
    /// Held while the call waits for the client, which is no work of ours.
    lent: Option<Lent>,
}

/// Tells of an [`Upload`] that somebody else is reading.
pub(super) struct Awaited(Option<Arc<AtomicBool>>);

impl Upload {
    pub(super) fn new(inner: Incoming, running: &Arc<Running>) -> (Self, Awaited) {
        // Most requests have no body; they pay nothing.
        if inner.is_end_stream() {
            return (Self { inner, watched: None }, Awaited(None));
        }
        let awaited = Arc::new(AtomicBool::new(true));
        let told = Awaited(Some(Arc::clone(&awaited)));
        (Self { inner, watched: Some(Watched { awaited, running: Arc::clone(running), lent: None }) }, told)
    }
}

impl Awaited {
    /// Whether the client still owes a part of its body.
    pub(super) fn still(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Relaxed))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        let over = matches!(frame, Poll::Ready(None)) || (frame.is_ready() && self.inner.is_end_stream());
        if let Some(watched) = &mut self.watched {
            match frame.is_ready() {
                true => watched.lent = None,
                false => drop(watched.lent.get_or_insert_with(|| watched.running.lend())),
            }
            if over {
                watched.awaited.store(false, Relaxed);
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
