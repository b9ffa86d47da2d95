//! The pages, told as stories over HTTP: what a browser sends and what it gets.

mod account;
mod activity;
mod administration;
mod email;
mod forms;
mod headers;
mod invitation;
mod patience;
mod recovery;
mod sessions;
mod sign_in;
mod users;
mod visitor;
mod weight;

pub(crate) use visitor::Visitor;
