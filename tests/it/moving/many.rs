//! Many accounts: interrupted, gone on with, and in little room.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use super::program::Place;
use crate::process::program::{NEVER, peak};

fn line(number: usize) -> String {
    format!(
        "{{\"username\":\"user{number}\",\"email\":\"user{number}@example.test\",\"role\":\"read-only\",\
         \"fullName\":\"User {number}\",\"city\":\"City {}\"}}\n",
        number % 100
    )
}

async fn accounts(place: &Place) -> usize {
    place.text("SELECT count(*)::text FROM tm_user").await.parse().unwrap()
}

/// Waits until so many accounts are there; an import that is fed by hand says nothing meanwhile.
async fn has(place: &Place, wanted: usize) {
    let begun = Instant::now();
    while accounts(place).await < wanted {
        assert!(begun.elapsed() < NEVER, "{wanted} accounts do not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_import_that_was_shot_is_gone_on_with() {
    let place = Place::new().await;
    let mut shot = place.begin(&["import", "jsonl", "-"]);
    let mut input = shot.stdin.take().unwrap();
    (0..5000).for_each(|number| input.write_all(line(number).as_bytes()).unwrap());
    has(&place, 4000).await;
    shot.kill().unwrap();
    shot.wait().unwrap();
    assert_eq!(accounts(&place).await, 4000, "whole lots only");
    let whole: String = (0..6000).map(line).collect();
    let said = place.ends(0, &["import", "jsonl", "-"], &whole);
    assert!(said.contains("Accounts: 2000 made, 4000 there already\nNot taken in: 0\n"), "{said}");
}

#[tokio::test]
async fn five_times_as_many_take_no_more_memory() {
    let place = Place::new().await;
    let mut import = place.begin(&["import", "jsonl", "-"]);
    let mut input = import.stdin.take().unwrap();
    let mut fed = 0;
    let mut feed = |until: usize| {
        (fed..until).for_each(|number| input.write_all(line(number).as_bytes()).unwrap());
        fed = until;
    };
    feed(4000);
    has(&place, 4000).await;
    let few = peak(import.id());
    feed(20_000);
    has(&place, 20_000).await;
    let growth = peak(import.id()).saturating_sub(few);
    drop(input);
    assert!(import.wait().unwrap().success());
    println!("16,000 accounts more: {growth} KiB more at most");
    assert!(growth < 4 * 1024, "{growth} KiB");
}
