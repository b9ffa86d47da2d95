//! The same use cases, for people: HTML that works on a phone, with scripts off.

mod mailbox;
mod reset;
mod templates;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use minijinja::context;

use crate::api::{
    call::Call,
    dialect::{Dialect, nobody_at_all},
    problem::Problem,
    reply::{Content, Outcome, Reply, Wire},
    route::{Access::Public, Route, route},
    site::Site,
    version::ApiVersion,
};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "pages",
    home: "/",
    mount: |_| String::new(),
    versions: &[V1],
    routes: ROUTES,
    identify: nobody_at_all,
    nobody: || Problem::unauthorized("Sign in first."),
    render,
    missing: |_| Problem::not_found("There is no such page."),
};

const V1: ApiVersion = ApiVersion::new(1, 0);

#[rustfmt::skip]
static ROUTES: &[Route] = &[
    route!(Get  "",                    since V1, Public, "home"        => home),
    route!(Get  "style.css",           since V1, Public, "style"       => style),
    route!(Get  "reset-password",      since V1, Public, "resetForm"   => reset::form),
    route!(Post "reset-password",      since V1, Public, "reset"       => reset::redeem),
    route!(Get  "reset-password/done", since V1, Public, "resetDone"   => reset::done),
    route!(Get  "mailbox",             since V1, Public, "mailbox"     => mailbox::list),
    route!(Get  "mailbox/{name}",      since V1, Public, "letter"      => mailbox::letter),
    route!(Get  "mailbox/{name}/html", since V1, Public, "letterHtml"  => mailbox::html),
];

const CSP: HeaderName = header::CONTENT_SECURITY_POLICY;

/// Nothing is loaded but our own style sheet, nothing is sent but to ourselves, nobody frames us.
const STRICT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts an outcome on a page.
fn render(Outcome { site, result, .. }: Outcome<'_>) -> Wire {
    let mut headers = standard_headers();
    let (status, text) = match result {
        Ok(Reply { status, content: Content::Page(text), headers: own, .. }) => {
            headers.extend(own);
            (status, text)
        }
        Ok(Reply { status, headers: own, .. }) => {
            headers.extend(own);
            (status, String::new())
        }
        Err(problem) => {
            headers.extend(problem.headers);
            let page = context! { text => problem.text, status => problem.status.as_u16() };
            (problem.status, templates::render(site, "problem.html", page).unwrap_or_default())
        }
    };
    Wire { status, headers, body: Bytes::from(text) }
}

fn standard_headers() -> HeaderMap {
    let headers = [
        (CSP, STRICT),
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::VARY, "Accept-Encoding"),
    ];
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

fn page(site: &Site, name: &str, page: minijinja::Value) -> Result<Reply, Problem> {
    templates::render(site, name, page).map(Reply::page)
}

/// Says what runs here.
async fn home(call: Call) -> Result<Reply, Problem> {
    page(&call.site, "home.html", context! { mailbox => call.site.mailbox.is_some() })
}

/// The one style sheet.
async fn style(_: Call) -> Result<Reply, Problem> {
    Ok(Reply::page(templates::STYLE.to_owned())
        .with(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))
        .with(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600")))
}
