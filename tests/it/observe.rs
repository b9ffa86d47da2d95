//! What those see who watch: names of requests, counts, readiness.

mod metrics;
mod readiness;
mod request_names;
