//! The program itself, started, killed and doubled: what an operator and a bad day do to it.

mod certificate;
mod configured;
mod kills;
mod ledger;
mod letter_desk;
mod letters;
mod operator;
pub(crate) mod program;
mod race;
mod relay;
mod roles_tenants;
mod service;
mod together;
mod users;
mod watched;
mod wrong_folder;
