//! The counts and gauges in the text form of OpenMetrics, which Prometheus reads. No label holds a name, an address or a
//! secret: what may stand in one is known when the program is built.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};

use crate::{
    api::{site::Site, table::Place, tally::Counted},
    ports::{HashingLoad, Throttled},
    store::{PoolLoad, outbox},
};

/// Type of the text.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is shown, as it was at one moment.
pub(super) struct Figures {
    pub site: Arc<Site>,
    pub ready: bool,
    pub hashing: HashingLoad,
    pub pool: PoolLoad,
    pub throttles: [(Throttled, u64); Throttled::ALL.len()],
    /// Since the start, and now.
    pub connections: (u64, u64),
    pub stored: Option<Stored>,
}

/// What only the database knows; not there while it is away.
pub(super) struct Stored {
    pub outbox: outbox::Figures,
    pub sessions: i64,
}

/// Writes them down.
pub(super) fn text(figures: Figures) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("latchkey");
    registry.register_collector(Box::new(figures));
    let mut written = String::with_capacity(16 * 1024);
    text::encode(&mut written, &registry)?;
    Ok(written)
}

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the figures of one moment")
    }
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut sheet = Sheet(encoder);
        sheet.build()?;
        sheet.gauge("ready", "Whether requests should be sent here", u32::from(self.ready))?;
        self.requests(&mut sheet)?;
        self.hashing(&mut sheet)?;
        self.pool(&mut sheet)?;
        let (since_start, now) = self.connections;
        sheet.counter("connections_opened", "Connections that clients opened", since_start)?;
        sheet.gauge("connections", "Connections that are open", now)?;
        let throttles = self.throttles.iter().map(|(what, count)| ([("what", what.as_str())], *count));
        sheet.counters("throttled", "Requests that a throttle held back", throttles)?;
        self.stored.as_ref().map_or(Ok(()), |stored| stored.write(&mut sheet))
    }
}

impl Figures {
    fn requests(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let table = &self.site.table;
        let counted = table.places().iter().enumerate().map(|(at, place)| (place, table.tally.counted(at)));
        let mut called: Vec<(&Place, Counted)> = counted.filter(|(_, counted)| !counted.is_empty()).collect();
        // A place with and without a slash at its end is two rows in no table, but versions of one may be.
        called.sort_by_key(|(place, _)| (place.dialect, place.operation, place.version.clone()));
        let by_status = called.iter().flat_map(|(place, counted)| {
            let named = |status: &Option<u16>| status.map_or("other".to_owned(), |code| code.to_string());
            let one =
                |(status, count): &(Option<u16>, u64)| ((labels(place), [("status", named(status))]), *count);
            counted.statuses.iter().map(one).collect::<Vec<_>>()
        });
        sheet.counters(
            "requests",
            "Answers by operation, version and status; 499: the client hung up",
            by_status,
        )?;
        sheet.times("request_duration", "Time from the head of a request to its answer", &called)
    }

    fn hashing(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let HashingLoad { waiting, running, done, shed } = self.hashing;
        sheet.gauge("hashing_waiting", "Passwords that wait for a thread", waiting)?;
        sheet.gauge("hashing_running", "Passwords that a thread is busy with", running)?;
        sheet.counter("hashing_done", "Passwords that were hashed or compared", done)?;
        sheet.counter("hashing_shed", "Passwords turned away with 503 because too many waited", shed)
    }

    fn pool(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let PoolLoad { most, open, idle, waiting } = self.pool;
        sheet.gauge("pool_connections_max", "Connections to the database that there may be", most as u64)?;
        sheet.gauge("pool_connections", "Connections to the database that there are", open as u64)?;
        sheet.gauge("pool_idle", "Connections to the database that nobody uses", idle as u64)?;
        sheet.gauge("pool_waiting", "Requests that wait for a connection to the database", waiting as u64)
    }
}

impl Stored {
    fn write(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let outbox = &self.outbox;
        let count = |number: i64| number.unsigned_abs();
        let oldest = outbox.oldest.map_or(0.0, time::Duration::as_seconds_f64);
        sheet.gauge("outbox_waiting", "Letters that wait or are being carried", count(outbox.waiting))?;
        sheet.seconds("outbox_oldest", "How long the oldest of them has waited", oldest.max(0.0))?;
        sheet.counter("outbox_sent", "Letters that a relay took, of all instances", count(outbox.sent))?;
        let failed = outbox.failed.iter().map(|(why, letters)| ([("reason", why.as_str())], count(*letters)));
        sheet.counters("outbox_failed", "Letters given up, of all instances", failed)?;
        sheet.gauge("sessions", "Sessions that have not ended, of all instances", count(self.sessions))
    }
}

fn labels(place: &Place) -> [(&'static str, &str); 3] {
    [("dialect", place.dialect), ("version", &place.version), ("operation", place.operation)]
}

/// The text while it is written, one metric after the other.
struct Sheet<'a>(DescriptorEncoder<'a>);

impl Sheet<'_> {
    fn build(&mut self) -> fmt::Result {
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        self.0.encode_descriptor("build", "This release", None, MetricType::Info)?.encode_info(&version)
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Into<u64>) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value.into())
    }

    fn seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let unit = Some(&Unit::Seconds);
        self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
    }

    fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            encoder.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
        }
        Ok(())
    }

    fn times(&mut self, name: &str, help: &str, called: &[(&Place, Counted)]) -> fmt::Result {
        let unit = Some(&Unit::Seconds);
        let mut encoder = self.0.encode_descriptor(name, help, unit, MetricType::Histogram)?;
        called.iter().try_for_each(|(place, counted)| {
            let labels = labels(place);
            histogram(encoder.encode_family(&labels)?, counted)
        })
    }
}

fn histogram(mut encoder: MetricEncoder<'_>, counted: &Counted) -> fmt::Result {
    const MICROSECONDS: f64 = 1e6;
    let end = |end: Option<u64>| end.map_or(f64::INFINITY, |end| end as f64 / MICROSECONDS);
    let steps: Vec<(f64, u64)> = counted.steps.iter().map(|(at, count)| (end(*at), *count)).collect();
    let count = steps.iter().map(|(_, count)| count).sum();
    encoder.encode_histogram::<NoLabelSet>(counted.microseconds as f64 / MICROSECONDS, count, &steps, None)
}
