//! What the original does wrong with users, and latchkey does right. The numbers are those of the fact sheet's list.

mod correctness;
mod security;
