//! How many connections each client has, so that one client can't take all the seats.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tracing::warn;

use crate::domain::Network;

/// How often a log line tells of connections that were closed for their number.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// Connections by what one client has for itself ([`Network::of_client`]).
pub(super) struct Neighbours {
    /// What one address may have; 0 for any number.
    most: usize,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    connections: HashMap<Network, usize>,
    turned_away: u64,
    reported: Option<Instant>,
}

/// One connection's place among its address's; free when dropped.
pub(super) struct Counted(Option<(Arc<Neighbours>, Network)>);

impl Neighbours {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, known: Mutex::default() })
    }

    /// Counts one more for this address; `None` if it has its share. Who has no address is not counted.
    pub(super) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Counted> {
        let Some(client) = address.filter(|_| self.most > 0).map(Network::of_client) else {
            return Some(Counted(None));
        };
        let mut known = self.known();
        let count = known.connections.entry(client).or_default();
        if *count < self.most {
            *count += 1;
            return Some(Counted(Some((Arc::clone(self), client))));
        }
        known.turned_away += 1;
        if known.reported.is_none_or(|at| at.elapsed() >= REPORT_EVERY) {
            let connections = std::mem::take(&mut known.turned_away);
            known.reported = Some(Instant::now());
            warn!(connections, most = self.most, "closed: their address has too many connections already");
        }
        None
    }

    fn leave(&self, client: Network) {
        let mut known = self.known();
        match known.connections.get_mut(&client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(known.connections.remove(&client)),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some((neighbours, client)) = self.0.take() {
            neighbours.leave(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn each_address_has_its_own_share_and_gets_it_back() {
        let neighbours = Neighbours::new(2);
        let held = [neighbours.admit(ip("192.0.2.1")), neighbours.admit(ip("192.0.2.1"))];
        assert!(held.iter().all(Option::is_some) && neighbours.admit(ip("192.0.2.1")).is_none());
        assert!(neighbours.admit(ip("192.0.2.2")).is_some());
        drop(held);
        assert!(neighbours.admit(ip("192.0.2.1")).is_some());
        assert!(neighbours.known().connections.is_empty(), "nobody is kept who has left");
    }

    #[test]
    fn a_site_shares_its_64() {
        let neighbours = Neighbours::new(1);
        let _held = neighbours.admit(ip("2001:db8:1:2::1"));
        assert!(neighbours.admit(ip("2001:db8:1:2:ffff::9")).is_none());
        assert!(neighbours.admit(ip("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn nobody_is_counted_on_a_unix_socket_or_without_a_cap() {
        let (capped, open) = (Neighbours::new(1), Neighbours::new(0));
        let all = [
            capped.admit(None),
            capped.admit(None),
            open.admit(ip("192.0.2.1")),
            open.admit(ip("192.0.2.1")),
        ];
        assert!(all.iter().all(Option::is_some));
    }
}
