//! The templates, embedded in the binary.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Value, context};

use crate::api::{problem::Problem, site::Site};

pub(super) const STYLE: &str = include_str!("templates/style.css");

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let sources = [
        ("frame.html", include_str!("templates/frame.html")),
        ("home.html", include_str!("templates/home.html")),
        ("letter.html", include_str!("templates/letter.html")),
        ("mailbox.html", include_str!("templates/mailbox.html")),
        ("problem.html", include_str!("templates/problem.html")),
        ("reset.html", include_str!("templates/reset.html")),
        ("reset_done.html", include_str!("templates/reset_done.html")),
    ];
    for (name, source) in sources {
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(name, %error, "a page template is broken");
        }
    }
    templates
});

/// Fills a template in.
///
/// # Errors
/// A 500 when the template is broken, which is a defect.
pub(super) fn render(site: &Site, name: &str, page: Value) -> Result<String, Problem> {
    let page = context! { instance => &site.instance, ..page };
    let filled = TEMPLATES.get_template(name).and_then(|template| template.render(page));
    filled.map_err(|error| {
        tracing::error!(name, %error, "a page can't be written");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_template_is_sound() {
        assert_eq!(super::TEMPLATES.templates().count(), 7);
    }
}
