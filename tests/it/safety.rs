//! What strangers, thieves and careless hands may try, and what comes of it.

mod clock;
mod injection;
mod limits;
mod operator;
mod output;
mod outside;
mod stolen_database;
