//! The only user of warp: two small filters, one answer, one refusal.

mod access;
mod arrived;
mod body;
mod compress;
mod filters;
mod peer;
mod request_name;
mod secure;

use std::{convert::Infallible, sync::Arc};

use warp::{Filter, http::StatusCode, reply::Response};

use crate::{
    api::{
        buddha_jones, dialect::Dialect, health, problem::Problem, site::Site, teen_quotes, timeslot,
        traffic_ops,
    },
    pages,
};
pub use arrived::{arrived, sender};
pub use peer::Peer;
pub use request_name::RequestName;

/// Every dialect this server speaks. Adding one is adding one line here.
pub static DIALECTS: &[&Dialect] = &[
    &traffic_ops::DIALECT,
    &timeslot::DIALECT,
    &teen_quotes::DIALECT,
    &buddha_jones::DIALECT,
    &health::DIALECT,
    &pages::DIALECT,
];

/// The whole service. Every request goes down this one line; its head was put aside by [`arrived`](arrived()).
pub fn service(
    site: Arc<Site>,
) -> impl Filter<Extract = (Response,), Error = Infallible, Future: Send> + Clone + Send + Sync + 'static {
    filters::matched(site)
        .and(warp::body::stream())
        // In a box: warp moves what a filter returns, and this is a few kilobytes.
        .then(|matched, body| Box::pin(filters::answer(matched, body)))
        .recover(filters::refused)
        .unify()
}

/// Words a refusal by the listener itself in the envelope of whoever is at home at the path.
pub fn refuse(site: &Site, path: &str, status: StatusCode) -> Response {
    let text = status.canonical_reason().unwrap_or("Refused");
    let problem = match status {
        StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable(),
        other => Problem::new(other, text),
    };
    filters::worded(site.table.at_home(path), site, Err(problem))
}
