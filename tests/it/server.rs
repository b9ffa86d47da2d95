//! The listener by itself: time-outs, caps, TLS, both protocols, proxies, and leaving in good order.

mod certificates;
mod doors;
pub mod house;
mod http1;
mod http2;
mod leaving;
mod proxies;
mod seats;
mod timeouts;
pub mod tls;
