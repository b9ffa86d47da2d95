//! Times, as people read them.

use minijinja::{Value, context};
use time::{
    OffsetDateTime, format_description::StaticFormatDescription, format_description::well_known::Rfc3339,
    macros::format_description,
};

use super::words::{filled, say};

const DATE: StaticFormatDescription = format_description!("[day padding:none] [month repr:long] [year]");
const WRITTEN: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// For templates: `machine` for the attribute, `written` for people, `ago` for what was a short while ago, `day` where
/// there is little room.
pub(super) fn shown(moment: OffsetDateTime, now: OffsetDateTime) -> Value {
    let written = moment.format(WRITTEN).unwrap_or_default();
    let machine = moment.format(&Rfc3339).unwrap_or_default();
    let ago = ago(now - moment);
    let day = ago.clone().unwrap_or_else(|| moment.format(DATE).unwrap_or_default());
    context! { machine, ago => ago.unwrap_or_else(|| written.clone()), day, written }
}

/// How long something is ago, up to a day.
fn ago(span: time::Duration) -> Option<String> {
    let (minutes, hours) = (span.whole_minutes(), span.whole_hours());
    let counted = |count: i64, one: &str, many: &str| match count {
        1 => say(one),
        count => filled(&say(many), &[("count", &count.to_string())]),
    };
    match (hours, minutes) {
        (0, ..=0) => Some(say("time.just_now")),
        (0, minutes) => Some(counted(minutes, "time.minute_ago", "time.minutes_ago")),
        (1..24, _) => Some(counted(hours, "time.hour_ago", "time.hours_ago")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn short_spans_are_told_and_long_ones_dated() {
        let now = datetime!(2026-11-21 19:22:05 UTC);
        let told = |span: Duration| shown(now - span, now).get_attr("ago").unwrap().to_string();
        assert_eq!(told(Duration::seconds(59)), "just now");
        assert_eq!(told(Duration::seconds(-5)), "just now");
        assert_eq!(told(Duration::minutes(1)), "a minute ago");
        assert_eq!(told(Duration::minutes(59)), "59 minutes ago");
        assert_eq!(told(Duration::hours(1)), "an hour ago");
        assert_eq!(told(Duration::hours(23)), "23 hours ago");
        assert_eq!(told(Duration::hours(24)), "20 November 2026, 19:22 UTC");
        let day = shown(now - Duration::hours(24), now).get_attr("day").unwrap().to_string();
        assert_eq!(day, "20 November 2026");
    }
}
