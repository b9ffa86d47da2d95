//! The recorded exchanges of the real Traffic Ops, replayed: equal, or different for a reason that is written down.

mod alike;
mod rows;
mod stage;
mod wanted;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::wire::Answer;
use alike::{masked, shorten};
use rows::{Row, recorded};
use stage::Stage;
use wanted::{Ours, Wanted, list, means};

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_exchanges_replay() {
    let mut score = Score::default();
    for version in ["3.1", "5.0"] {
        let rows = recorded(version);
        let mut stage = Stage::open(version).await;
        for row in &rows {
            let answer = stage.replay(row, &rows).await;
            score.note(row, &answer);
        }
    }
    score.settle();
}

#[test]
fn every_wanted_difference_is_about_recorded_exchanges() {
    let rows = [recorded("3.1"), recorded("5.0")].concat();
    for pattern in list().flat_map(|wanted| wanted.cases) {
        assert!(rows.iter().any(|row| means(pattern, &row.name)), "no row is called {pattern}");
    }
}

/// How many rows came to what.
#[derive(Default)]
struct Score {
    equal: usize,
    by_reason: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

impl Score {
    fn note(&mut self, row: &Row, answer: &Answer) {
        let meant = list().find(|wanted| wanted.covers(&row.name));
        match (differences(row, answer, |_| ()), meant) {
            (found, None) if found.is_empty() => self.equal += 1,
            (found, None) => self.unexplained.push(format!("{}: {}", row.name, found.join("; "))),
            (found, Some(wanted)) if found.is_empty() => {
                self.unexplained
                    .push(format!("{}: equal, but listed as different: {}", row.name, wanted.why));
            }
            (_, Some(wanted)) => match other_than(wanted, row, answer) {
                None => *self.by_reason.entry(wanted.why).or_default() += 1,
                Some(wrong) => self.unexplained.push(format!("{}: {wrong} ({})", row.name, wanted.why)),
            },
        }
    }

    fn settle(self) {
        let different: usize = self.by_reason.values().sum();
        let (equal, unexplained) = (self.equal, self.unexplained.len());
        let all = equal + different + unexplained;
        println!("replayed {all}: {equal} equal, {different} different by intent, {unexplained} unexplained");
        for (why, count) in &self.by_reason {
            println!("{count:5}  {why}");
        }
        assert!(self.unexplained.is_empty(), "unexplained:\n{}", self.unexplained.join("\n"));
    }
}

/// What is not as it was recorded, once this is done to the recorded body.
fn differences(row: &Row, answer: &Answer, first: fn(&mut Value)) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status != row.status {
        found.push(format!("{} became {}, {:?}", row.status, answer.status, answer.text()));
    }
    if row.method == "HEAD" {
        return found;
    }
    let (mut then, mut now) = (row.body_text.as_deref().map(read).unwrap_or_default(), answer.json());
    let (alerts_then, alerts_now) = (alerts(&mut then, row.status), alerts(&mut now, answer.status));
    if alerts_then != alerts_now {
        found.push(format!("{alerts_then:?} became {alerts_now:?}"));
    }
    if row.begins {
        shorten(&mut now, &then);
    }
    first(&mut then);
    for body in [&mut then, &mut now] {
        masked(body);
    }
    let (then, now) = (then.to_string(), now.to_string());
    if then != now {
        found.push(format!("{then} became {now}"));
    }
    found
}

/// What is neither as recorded nor as it is wanted instead.
fn other_than(wanted: &Wanted, row: &Row, answer: &Answer) -> Option<String> {
    let level = answer.json()["alerts"][0]["level"].as_str().unwrap_or_default().to_owned();
    let recorded_level =
        row.alerts.as_ref().and_then(|alerts| alerts.first()).map(|(level, _)| level.as_str());
    let (status, text) = match wanted.ours {
        Ours::Says(status, text) => (status, text.to_owned()),
        Ours::Promises => (200, format!("Successfully sent password reset to email '{}'", address_in(row))),
        Ours::OwnWords if recorded_level == Some(level.as_str()) => (row.status, String::new()),
        Ours::OwnWords => return Some(format!("the level became {level}")),
        Ours::Once(done) => {
            return Some(differences(row, answer, done).join("; ")).filter(|found| !found.is_empty());
        }
    };
    let right = answer.status == status && (text.is_empty() || answer.text() == text);
    (!right).then(|| format!("{status} {text:?} is wanted, but came {} {:?}", answer.status, answer.text()))
}

/// The address that a reset was asked for, as the bare one.
fn address_in(row: &Row) -> String {
    let body = row.body.as_deref().unwrap_or_default();
    let first = serde_json::Deserializer::from_str(body).into_iter::<Value>().next();
    let value = first.and_then(Result::ok).unwrap_or_default();
    let asked = value.as_object().and_then(|form| form.values().next()?.as_str()).unwrap_or_default();
    let bare = asked.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    bare.map_or(asked, |(bare, _)| bare).to_owned()
}

/// Takes the alerts out of a body. Where several rules are broken at once their order was left to chance (facts 2.2).
fn alerts(body: &mut Value, status: u16) -> Vec<(String, String)> {
    let alerts = body.as_object_mut().and_then(|body| body.shift_remove("alerts")).unwrap_or_default();
    let text = |alert: &Value, key: &str| alert[key].as_str().unwrap_or_default().to_owned();
    let sorted = |alert: &Value| {
        let said = text(alert, "text");
        let mut parts: Vec<_> = said.split(", ").collect();
        parts.sort_unstable();
        if status == 400 { parts.join(", ") } else { said }
    };
    alerts.as_array().into_iter().flatten().map(|alert| (text(alert, "level"), sorted(alert))).collect()
}

/// A recorded body; what is no JSON stays as text and equals nothing of ours.
fn read(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
