//! The program itself, started, killed and doubled: what an operator and a bad day do to it.

mod letters;
mod operator;
mod program;
mod race;
mod relay;
mod together;
