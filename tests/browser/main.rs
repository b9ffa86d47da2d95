//! A real Chromium in front of a real server: what people do, with scripts and without, and what every page is like.
//!
//! Needs Debian's `chromium` and `chromium-driver`, and axe-core: `tools/ensure chromium axe`.

#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails it")]
#![allow(clippy::too_many_lines, reason = "a story is told in one piece")]

mod audit;
mod crossing;
mod driver;
mod house;
mod palette;
mod person;
mod pictures;
mod scene;
mod stories;
mod trouble;
