//! Log lines on standard error.

use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, registry, util::SubscriberInitExt as _,
};

use crate::config::{LogFormat, LogSettings};

/// Starts logging. A level that can't be read is refused.
///
/// lettre's own lines are never shown: at `debug` they hold whole letters (DESIGN section 7).
pub(super) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let levels = settings.level.parse::<Targets>()?;
    let levels = levels.with_target("lettre", tracing::level_filters::LevelFilter::OFF);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    Ok(registry().with(lines.with_filter(levels)).try_init()?)
}
