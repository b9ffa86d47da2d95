//! What was measured, as numbers, as a table, and as JSON.

use serde_json::{Value, json};

use super::{generator::Outcome, house::machine::Shares};

/// One run.
#[derive(Clone)]
pub(crate) struct Run {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) shares: Shares,
}

impl Run {
    /// Panics when requests were refused: a fast refusal is not what is measured here.
    pub(crate) fn of(mut outcome: Outcome, shares: Shares) -> Self {
        let complaint = outcome.complaint.unwrap_or_default();
        assert!(
            outcome.refused == 0,
            "{} requests were refused, the first with\n{complaint}",
            outcome.refused
        );
        outcome.latencies.sort_unstable();
        Self {
            rate: outcome.latencies.len() as f64 / outcome.elapsed.as_secs_f64(),
            p50: percentile(&outcome.latencies, 0.5),
            p99: percentile(&outcome.latencies, 0.99),
            shares,
        }
    }

    fn json(&self) -> Value {
        let Shares { generator, server, idle } = self.shares;
        let cpu = json!({ "generator": generator, "server": server, "idle": idle });
        json!({ "per_second": self.rate, "p50_ms": self.p50, "p99_ms": self.p99, "cpu": cpu })
    }
}

/// Of sorted microseconds, in milliseconds.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
}

/// A number with its spread over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values = values.into_iter().collect::<Vec<_>>();
        values.sort_by(f64::total_cmp);
        Self { low: values[0], median: values[values.len() / 2], high: values[values.len() - 1] }
    }

    fn json(self) -> Value {
        json!({ "low": self.low, "median": self.median, "high": self.high })
    }
}

/// A bar of DESIGN section 8 and where we stand.
pub(crate) struct Verdict {
    pub(crate) what: &'static str,
    pub(crate) value: Spread,
    pub(crate) bar: f64,
    /// Whether the value has to be above the bar; else below.
    pub(crate) above: bool,
}

impl Verdict {
    fn met(&self) -> bool {
        if self.above { self.value.median >= self.bar } else { self.value.median <= self.bar }
    }
}

/// Runs under one name.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) runs: Vec<Run>,
}

/// All that came out.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) circumstances: Vec<(&'static str, Value)>,
    pub(crate) series: Vec<Series>,
    pub(crate) verdicts: Vec<Verdict>,
}

impl Report {
    /// Two tables in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut lines = Vec::new();
        for (name, value) in &self.circumstances {
            lines.push(format!(
                "* {name}: {}",
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            ));
        }
        lines.push(
            "\n| run | a second (low to high) | p50 ms | p99 ms | CPU: server | generator | idle |".into(),
        );
        lines.push("| --- | ---: | ---: | ---: | ---: | ---: | ---: |".into());
        lines.extend(self.series.iter().map(Series::line));
        lines.push("\n| bar | wanted | measured: median (low to high) | |".into());
        lines.push("| --- | ---: | ---: | --- |".into());
        lines.extend(self.verdicts.iter().map(Verdict::line));
        lines.join("\n")
    }

    pub(crate) fn json(&self) -> Value {
        let series = self.series.iter().map(|series| {
            let runs = series.runs.iter().map(Run::json).collect::<Vec<_>>();
            json!({ "name": series.name, "runs": runs })
        });
        let verdicts = self.verdicts.iter().map(|verdict| {
            let Verdict { what, value, bar, above } = verdict;
            json!({ "what": what, "value": value.json(), "bar": bar, "above": above, "met": verdict.met() })
        });
        let circumstances =
            self.circumstances.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        json!({
            "circumstances": Value::Object(circumstances.collect()),
            "series": series.collect::<Vec<_>>(),
            "verdicts": verdicts.collect::<Vec<_>>(),
        })
    }
}

impl Series {
    fn line(&self) -> String {
        let over = |pick: fn(&Run) -> f64| Spread::of(self.runs.iter().map(pick));
        let rate = over(|run| run.rate);
        let percent = |share: f64| (share * 100.0).round();
        format!(
            "| {} | {:.0} ({:.0} to {:.0}) | {:.2} | {:.2} | {} % | {} % | {} % |",
            self.name,
            rate.median,
            rate.low,
            rate.high,
            over(|run| run.p50).median,
            over(|run| run.p99).median,
            percent(over(|run| run.shares.server).median),
            percent(over(|run| run.shares.generator).median),
            percent(over(|run| run.shares.idle).median),
        )
    }
}

impl Verdict {
    fn line(&self) -> String {
        let Spread { low, median, high } = self.value;
        let sign = if self.above { "≥" } else { "≤" };
        let met = if self.met() { "met" } else { "**missed**" };
        format!("| {} | {sign} {} | {median:.3} ({low:.3} to {high:.3}) | {met} |", self.what, self.bar)
    }
}
