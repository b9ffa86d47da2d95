//! Drives a connection of either protocol, tells it of the stop, and ends it when its time is up.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep_until},
};
use tracing::debug;

use super::{activity::Activity, limits::Limits};

/// Why a connection ended.
#[derive(PartialEq)]
pub(super) enum End {
    /// By agreement, or by a fault that one of the two sides has heard of.
    Over,
    /// Its time was up.
    Cut,
}

/// Drives a connection to its end, or gives up on it at its deadline. `take_leave` tells the peer of the stop, where
/// the protocol has words for it.
pub(super) async fn watch_over<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    take_leave: impl Fn(Pin<&mut C>),
    activity: &Activity,
    limits: &Limits,
    mut stop: watch::Receiver<bool>,
) -> End {
    let mut stopped = pin!(stop.wait_for(|stop| *stop));
    let mut alarm = pin!(sleep_until(Instant::now() + limits.header_timeout));
    poll_fn(|cx| {
        if !activity.closing() && stopped.as_mut().poll(cx).is_ready() {
            activity.close();
            take_leave(connection.as_mut());
        }
        if let Poll::Ready(outcome) = connection.as_mut().poll(cx) {
            if let Err(fault) = outcome {
                debug!(%fault, "a connection ended badly");
            }
            return Poll::Ready(End::Over);
        }
        ready!(rang(alarm.as_mut(), activity, limits, cx));
        Poll::Ready(End::Cut)
    })
    .await
}

/// Ready when the deadline is over that the connection has now. The alarm is only moved when it has to ring
/// earlier, or has rung too early: not with every request.
fn rang(mut alarm: Pin<&mut Sleep>, activity: &Activity, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
    let sooner = activity.deadline(limits).filter(|due| *due < alarm.deadline());
    if let Some(due) = sooner {
        alarm.as_mut().reset(due);
    }
    loop {
        ready!(alarm.as_mut().poll(cx));
        let now = Instant::now();
        let due = activity.deadline(limits).unwrap_or(now + limits.header_timeout);
        if due <= now {
            return Poll::Ready(());
        }
        alarm.as_mut().reset(due);
    }
}
