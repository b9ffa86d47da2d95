//! The style sheet, the operator's colours in it, and the pictures: all from our own origin.

use std::sync::LazyLock;

use http::{HeaderValue, header};
use minijinja::{Value, context};

use super::{render::CSP, templates};
use crate::api::{call::Call, colour::Accent, problem::Problem, reply::Reply, site::Site};

/// Changes with the style sheet, so that browsers may keep it.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let digest = <sha2::Sha256 as sha2::Digest>::digest(templates::STYLE);
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
});

/// For templates.
pub(super) fn look(site: &Site) -> Value {
    let look = &site.look;
    let colour = look.accent.map(|accent| accent.day.to_string()).unwrap_or_default();
    let style = format!("/style.css?v={}{}", *EDITION, colour.trim_start_matches('#'));
    context! { name => &look.name, logo => look.logo.is_some(), style => Value::from_safe_string(style) }
}

/// The one style sheet.
pub(super) async fn style(call: Call) -> Result<Reply, Problem> {
    let text = match call.site.look.accent {
        Some(accent) => format!("{}{}", templates::STYLE, painted(accent)),
        None => templates::STYLE.to_owned(),
    };
    Ok(kept(Reply::page(text), "text/css; charset=utf-8", "max-age=31536000, immutable"))
}

fn painted(Accent { day, on_day, night, on_night }: Accent) -> String {
    let rule = |accent, ink| format!(":root{{--accent:{accent};--on-accent:{ink}}}");
    format!("{}@media (prefers-color-scheme:dark){{{}}}\n", rule(day, on_day), rule(night, on_night))
}

/// What stands on the browser's tab.
pub(super) async fn icon(_: Call) -> Result<Reply, Problem> {
    Ok(picture(Reply::page(templates::ICON.to_owned()), "image/svg+xml"))
}

/// The operator's mark.
pub(super) async fn logo(call: Call) -> Result<Reply, Problem> {
    let logo = call.site.look.logo.as_ref().ok_or_else(|| Problem::not_found("there is no logo"))?;
    Ok(picture(Reply::file(logo.bytes.to_vec()), logo.media_type))
}

/// A picture may bring its own styles, where it is a drawing, and nothing else: opened by itself it is a document.
fn picture(reply: Reply, media_type: &'static str) -> Reply {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    kept(reply, media_type, "max-age=86400").with(CSP, HeaderValue::from_static(policy))
}

fn kept(reply: Reply, media_type: &'static str, how_long: &'static str) -> Reply {
    reply
        .with(header::CONTENT_TYPE, HeaderValue::from_static(media_type))
        .with(header::CACHE_CONTROL, HeaderValue::from_static(how_long))
}
