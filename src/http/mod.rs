//! The only user of warp: three small filters, one answer, one refusal.

mod compress;
mod filters;
mod peer;

use std::{convert::Infallible, sync::Arc};

use warp::{Filter, http::StatusCode, reply::Response};

use crate::{
    api::{buddha_jones, dialect::Dialect, problem::Problem, site::Site, teen_quotes, timeslot, traffic_ops},
    pages,
};
pub use peer::Peer;

/// Every dialect this server speaks. Adding one is adding one line here.
pub static DIALECTS: &[&Dialect] = &[
    &traffic_ops::DIALECT,
    &timeslot::DIALECT,
    &teen_quotes::DIALECT,
    &buddha_jones::DIALECT,
    &pages::DIALECT,
];

/// The whole service. Every request goes down this one line.
pub fn service(
    site: Arc<Site>,
) -> impl Filter<Extract = (Response,), Error = Infallible, Future: Send> + Clone + Send + Sync + 'static {
    let refused = {
        let site = site.clone();
        move |rejection| filters::refused(rejection, site.clone())
    };
    filters::matched(site.clone())
        .and(filters::with_site(site))
        .and(filters::head())
        .and(warp::body::stream())
        .then(filters::answer)
        .recover(refused)
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
