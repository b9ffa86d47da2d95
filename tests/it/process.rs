//! The program itself, started, killed and doubled: what an operator and a bad day do to it.

mod kills;
mod letter_desk;
mod letters;
mod operator;
mod program;
mod race;
mod relay;
mod roles_tenants;
mod together;
mod users;
