//! Lets cargo know that the migrations are a part of the program.

fn main() {
    println!("cargo::rerun-if-changed=schema");
}
