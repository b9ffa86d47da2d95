//! Log lines on standard error. What is logged while a request is answered bears the request's name.

use std::fmt::{self, Write as _};

use anyhow::{Context as _, bail};
use tracing::{Event, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, JsonFields, Writer},
    },
    layer::SubscriberExt as _,
    registry,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, LogSettings},
    http::RequestName,
};

/// Starts logging. A level that can't be read is refused.
///
/// lettre's own lines are never shown: at `debug` they hold whole letters (DESIGN section 7).
pub(super) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let levels = levels(&settings.level)?;
    let levels = levels.with_target("lettre", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = match settings.format {
        LogFormat::Text => lines.event_format(Named { lines: Format::default(), add: in_words }).boxed(),
        LogFormat::Json => {
            let lines = lines.fmt_fields(JsonFields::new());
            let format = Format::default().json().flatten_event(true);
            lines.event_format(Named { lines: format, add: in_an_object }).boxed()
        }
    };
    Ok(registry().with(lines.with_filter(levels)).try_init()?)
}

/// Reads `log.level`. A word alone is a level: to the library it could be a module, and a mistyped level would silence
/// all of latchkey.
fn levels(text: &str) -> anyhow::Result<Targets> {
    let alone = text.split(',').map(str::trim).filter(|word| !word.is_empty() && !word.contains('='));
    let known = |word: &str| word.parse::<LevelFilter>().is_ok();
    if let Some(word) = alone.into_iter().find(|word| !known(word)) {
        bail!("log.level: {word} is no level; there are error, warn, info, debug, trace and off");
    }
    text.parse().context("log.level")
}

/// Lines of some form, with the name of the request that is being answered.
struct Named<F> {
    lines: F,
    /// Adds the name to a line without its end.
    add: fn(&mut String, &RequestName) -> fmt::Result,
}

impl<F, S, N> FormatEvent<S, N> for Named<F>
where
    F: FormatEvent<S, N>,
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.lines.format_event(context, Writer::new(&mut line), event)?;
        line.truncate(line.trim_end().len());
        RequestName::current(|name| (self.add)(&mut line, name)).unwrap_or(Ok(()))?;
        writeln!(writer, "{line}")
    }
}

fn in_words(line: &mut String, name: &RequestName) -> fmt::Result {
    write!(line, " request_id={}", name.id())?;
    name.trace().map_or(Ok(()), |trace| write!(line, " trace_id={trace}"))
}

/// Neither of the two can hold what JSON would have to escape.
fn in_an_object(line: &mut String, name: &RequestName) -> fmt::Result {
    if line.pop() != Some('}') {
        return Err(fmt::Error);
    }
    write!(line, ",\"request_id\":\"{}\"", name.id())?;
    name.trace().map_or(Ok(()), |trace| write!(line, ",\"trace_id\":\"{trace}\""))?;
    line.write_char('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_refused_and_silences_nothing() {
        for good in ["info", "warn,latchkey::mail=debug", "latchkey::access=off, info", "TRACE"] {
            assert!(levels(good).is_ok(), "{good}");
        }
        for (bad, word) in [("loud", "loud"), ("warn,inf", "inf"), ("latchkey::mail=loud", "log.level")] {
            let refusal = format!("{:#}", levels(bad).unwrap_err());
            assert!(refusal.contains(word), "{bad}: {refusal}");
        }
    }
}
