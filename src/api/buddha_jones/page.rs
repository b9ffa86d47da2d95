//! What a person sees who opens a link to the API: a button instead of a surprise (fact sheet Buddha Jones C1).

use minijinja::{Value, context};

use crate::{
    api::{problem::Problem, reply::Reply, site::Site},
    domain::ResetKey,
};

/// Asks for the press of a button, which posts the key to `action`.
pub(super) fn button(site: &Site, key: &ResetKey, action: &str) -> Result<Reply, Problem> {
    // It is one of ours: as text its slash would be written as `&#x2f;`.
    let action = Value::from_safe_string(action.to_owned());
    page(site, context! { title => "Get a new password", key => key.reveal(), action => action })
}

/// Says that it is done.
pub(super) fn done(site: &Site) -> Result<Reply, Problem> {
    let text = "A letter with a new password is on its way. Sign in with it, then choose one of your own.";
    page(site, context! { title => "Look into your mail", text => text, failed => false })
}

/// Says why it was not done.
pub(super) fn failed(site: &Site, problem: &Problem) -> Result<Reply, Problem> {
    let text = match problem.status.is_client_error() {
        true => {
            "This link has been used, is too old, or was replaced by a newer one. Ask for another letter."
        }
        false => "This can't be done just now. Try again in a minute.",
    };
    let page = page(site, context! { title => "This did not work", text => text, failed => true })?;
    let mut page = page.with_status(problem.status);
    problem.replace_headers(&mut page.headers);
    Ok(page)
}

fn page(site: &Site, page: Value) -> Result<Reply, Problem> {
    let page = context! { instance => &site.instance, ..page };
    let environment = minijinja::Environment::new();
    // The name's ending switches escaping on.
    let written = environment.render_named_str("page.html", include_str!("page.html"), page);
    written.map(Reply::page).map_err(|error| {
        tracing::error!(%error, "a page can't be written");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_text() {
        let environment = minijinja::Environment::new();
        let values = context! { instance => "<b>", title => "x", text => "<i>", failed => true };
        let page = environment.render_named_str("page.html", include_str!("page.html"), values).unwrap();
        assert!(page.contains("&lt;b&gt;") && page.contains("&lt;i&gt;") && !page.contains("<b>"));
    }
}
