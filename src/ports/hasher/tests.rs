//! The hasher as its callers see it, with a real but cheap cost.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicU8, AtomicUsize, Ordering},
        mpsc::Receiver,
    },
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::*;
use crate::{domain::PasswordContext, ports::SystemClock};

/// Another salt each time, without chance.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn hasher(cost: u32) -> Hasher {
    Hasher::start(
        HasherSettings { cost, threads: Some(2), ..HasherSettings::default() },
        Arc::new(SystemClock::default()),
        Arc::new(Counting::default()),
    )
}

fn password(text: &str) -> Password {
    Password::parse(text, &PasswordContext::default()).unwrap()
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::parse(text).unwrap()
}

async fn verdict(hasher: &Hasher, text: &str, stored: &str) -> Verdict {
    hasher.verify(attempt(text), Some(PasswordHash::stored(stored.to_owned()))).await.unwrap()
}

const RIGHT: Verdict = Verdict::Right { rehash: false };
const OUTDATED: Verdict = Verdict::Right { rehash: true };

/// Made with Python's `hashlib.scrypt(b"password", salt=b"\0\1\2", n=2, r=1, p=1, dklen=64)`.
const SCRYPT_OF_PASSWORD: &str = "SCRYPT:2:1:1:AAEC:JzqcRsevdoetO/DSbMbq/MwElUvpntuHlOJstXMHgmxCs8nRQ64mXYyphM\
    5mGMGT5gSzPXfe9c8IsUVn6PLj6w==";

#[tokio::test]
async fn a_new_hash_is_of_todays_scheme_with_a_salt_of_its_own() {
    let hasher = hasher(4);
    let one = hasher.hash(password("a good password")).await.unwrap();
    let two = hasher.hash(password("a good password")).await.unwrap();
    assert!(one.as_str().starts_with("$bcrypt-sha256$v=2,t=2b,r=4$"));
    assert_ne!(one.as_str(), two.as_str());
    for stored in [one, two] {
        assert_eq!(verdict(&hasher, "a good password", stored.as_str()).await, RIGHT);
        assert_eq!(verdict(&hasher, "a good passwore", stored.as_str()).await, Verdict::Wrong);
    }
}

#[tokio::test]
async fn an_unknown_name_is_wrong_and_so_is_a_text_that_is_no_hash() {
    let hasher = hasher(4);
    assert_eq!(hasher.verify(attempt("whatever"), None).await, Ok(Verdict::Wrong));
    for stored in ["", "*", "whatever", "$2b$04$short", "SCRYPT:16384:8:1:AA==:AA==", "$2b$31$é"] {
        assert_eq!(verdict(&hasher, "whatever", stored).await, Verdict::Wrong, "{stored}");
    }
}

#[tokio::test]
async fn a_stored_cost_beyond_reason_is_wrong_at_once() {
    let dear = "$2b$31$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a";
    assert_eq!(verdict(&hasher(4), "legacy Passwörd", dear).await, Verdict::Wrong);
}

#[tokio::test]
async fn legacy_schemes_are_right_and_want_a_new_hash() {
    let hasher = hasher(4);
    assert_eq!(verdict(&hasher, "password", SCRYPT_OF_PASSWORD).await, OUTDATED);
    let sha1 = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";
    assert_eq!(verdict(&hasher, "password", sha1).await, OUTDATED);
    let bcrypt = "$2a$04$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a";
    assert_eq!(verdict(&hasher, "legacy Passwörd", bcrypt).await, OUTDATED);
    let other_cost = "$bcrypt-sha256$v=2,t=2b,r=5$abcdefghijklmnopqrstuu$/9somFXasnR0UYnERdLWgQiPErveO0G";
    assert_eq!(verdict(&hasher, "not the empty one", other_cost).await, Verdict::Wrong);
    let six = "$bcrypt-sha256$v=2,t=2b,r=6$qIcHQhxR8h/qTYy01H/RNe$zliYwt/Hb2VvW76AS4LaHjK2ARGCYTG";
    assert_eq!(verdict(&hasher, "password", six).await, OUTDATED);
}

#[tokio::test]
async fn a_legacy_hash_is_found_in_the_form_typed_and_in_nfc() {
    let hasher = hasher(4);
    let of_nfc = "$2b$04$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a";
    assert_eq!(verdict(&hasher, "legacy Passwo\u{308}rd", of_nfc).await, OUTDATED);
    let of_nfd = "0078070695e621c3c30a3f0bf7d38e87ea470a8a";
    assert_eq!(verdict(&hasher, "legacy Passwo\u{308}rd", of_nfd).await, OUTDATED);
    assert_eq!(verdict(&hasher, "legacy Passwörd", of_nfd).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_hash_that_another_program_made_of_the_form_typed_is_right_and_made_anew_in_nfc() {
    let of_nfd = "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$kc.InWyF.KHXEqBEoGM4MKAJVcKQFsi";
    assert_eq!(verdict(&hasher(4), "Passwo\u{308}rd of old", of_nfd).await, OUTDATED);
    assert_eq!(verdict(&hasher(4), "Passwörd of old", of_nfd).await, Verdict::Wrong);
}

#[tokio::test]
async fn what_a_legacy_scheme_did_not_see_is_not_hashed_again() {
    let of_80 = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
    assert_eq!(verdict(&hasher(4), &"a".repeat(80), of_80).await, RIGHT);
    assert_eq!(verdict(&hasher(4), &"a".repeat(72), of_80).await, RIGHT);
    assert_eq!(verdict(&hasher(4), "password\0", SCRYPT_OF_PASSWORD).await, RIGHT);
}

/// Lets a hash go on when the test says so, and counts them.
struct Gate {
    opened: Mutex<Receiver<()>>,
    passed: Arc<AtomicUsize>,
}

impl Entropy for Gate {
    fn fill(&self, _: &mut [u8]) {
        self.opened.lock().unwrap().recv().unwrap();
        self.passed.fetch_add(1, Ordering::SeqCst);
    }
}

fn begin(job: std::pin::Pin<&mut impl Future>) {
    assert!(matches!(job.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
}

/// One thread that is held at the gate by a first job, and a queue of the given length.
fn held(queue: usize) -> (Hasher, SyncSender<()>, Arc<AtomicUsize>) {
    let (open, opened) = sync_channel(8);
    let passed = Arc::new(AtomicUsize::new(0));
    let gate = Gate { opened: Mutex::new(opened), passed: Arc::clone(&passed) };
    // For the key of the memory and the salt of the decoy.
    (0..2).for_each(|_| open.send(()).unwrap());
    let settings = HasherSettings { cost: 4, threads: Some(1), queue, ..HasherSettings::default() };
    (Hasher::start(settings, Arc::new(SystemClock::default()), Arc::new(gate)), open, passed)
}

#[tokio::test]
async fn a_full_queue_sheds_and_an_empty_one_takes_again() {
    let (hasher, open, _) = held(1);
    let mut taken = Vec::new();
    let shed = loop {
        let mut job = Box::pin(hasher.hash(password("a good password")));
        match job.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => taken.push(job),
            Poll::Ready(outcome) => break outcome.map(|_| ()),
        }
    };
    assert_eq!(shed, Err(Overloaded));
    assert!((1..=2).contains(&taken.len()), "one at work, one waiting");
    for job in taken {
        open.send(()).unwrap();
        assert!(job.await.is_ok());
    }
    open.send(()).unwrap();
    assert!(hasher.hash(password("a good password")).await.is_ok());
}

#[tokio::test]
async fn a_job_whose_caller_has_gone_is_skipped() {
    let (hasher, open, passed) = held(8);
    let mut first = pin!(hasher.hash(password("the first password")));
    begin(first.as_mut());
    {
        let mut gone = pin!(hasher.hash(password("nobody waits for it")));
        begin(gone.as_mut());
    }
    let mut last = pin!(hasher.hash(password("the last password")));
    begin(last.as_mut());
    (0..3).for_each(|_| open.send(()).unwrap());
    assert!(first.await.is_ok() && last.await.is_ok());
    assert_eq!(passed.load(Ordering::SeqCst), 4, "the key, the decoy's salt and two hashes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_hashed_is_verified_in_either_form_and_nothing_else_is(text in "\\PC{8,40}", more in any::<char>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Ok(new) = Password::parse(&text, &PasswordContext::default()) else { return Ok(()) };
        runtime.block_on(async {
            let hasher = hasher(4);
            let stored = hasher.hash(new).await.unwrap();
            let longer = format!("{text}{more}");
            for same in [text.nfc().collect::<String>(), text.nfd().collect()] {
                prop_assert_eq!(verdict(&hasher, &same, stored.as_str()).await, RIGHT);
            }
            prop_assert_eq!(verdict(&hasher, &longer, stored.as_str()).await, Verdict::Wrong);
            Ok(())
        })?;
    }

    #[test]
    fn the_73rd_byte_and_nul_matter(front in "[a-z]{72,90}", one in any::<char>(), other in any::<char>()) {
        prop_assume!(one.nfc().ne(other.nfc()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let hasher = hasher(4);
            let stored = hasher.hash(password(&format!("{front}{one}"))).await.unwrap();
            for wrong in [format!("{front}{other}"), front.clone(), format!("{front}{one}\0")] {
                prop_assert_eq!(verdict(&hasher, &wrong, stored.as_str()).await, Verdict::Wrong);
            }
            Ok(())
        })?;
    }
}
