//! Replays the kept corpus of every fuzz target.

use std::{collections::BTreeSet, fs, path::Path};

use super::TARGETS;

/// Most files that are kept for a target: a corpus is for replaying, a fuzzer finds the rest again.
const MOST: usize = 60;
/// Largest file that is kept.
const LARGEST: usize = 16 * 1024;

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"))
}

fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let files =
        fs::read_dir(corpus().join(target)).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let files: Vec<_> = files.collect();
    assert!((5..=MOST).contains(&files.len()), "{target} has {} files", files.len());
    for bytes in files {
        assert!(bytes.len() <= LARGEST);
        run(&bytes);
        // What is cut off anywhere, or has one bit wrong, must be as harmless.
        for cut in [bytes.len() / 2, bytes.len().saturating_sub(1)] {
            run(&bytes[..cut]);
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 16 + 1) {
            let mut bent = bytes.clone();
            bent[at] ^= 1 << (at % 8);
            run(&bent);
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_a_program_and_nothing_else_has() {
    let folder = |path: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
            .collect()
    };
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(folder("fuzz/corpus"), names);
    assert_eq!(folder("fuzz/fuzz_targets"), names);
}

macro_rules! replays {
    ($($target:ident => $sentence:ident),* $(,)?) => { $(
        #[test]
        fn $sentence() {
            replay(stringify!($target));
        }
    )* };
}

replays! {
    access_token => no_access_token_of_the_corpus_does_harm,
    cookie => no_cookie_of_the_corpus_does_harm,
    email => no_address_of_the_corpus_does_harm,
    form => no_form_of_the_corpus_does_harm,
    headers => no_head_of_the_corpus_does_harm,
    json => no_json_of_the_corpus_does_harm,
    json_writing => no_text_of_the_corpus_breaks_an_answer,
    multipart => no_multipart_body_of_the_corpus_does_harm,
    names => no_name_of_the_corpus_does_harm,
    pages => no_text_of_the_corpus_misleads_a_page,
    password => no_password_of_the_corpus_does_harm,
    query => no_query_of_the_corpus_does_harm,
    stored_hash => no_stored_text_of_the_corpus_does_harm,
    url_rule => no_link_of_the_corpus_leads_elsewhere,
}
