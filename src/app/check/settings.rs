//! What the settings say about themselves: secrets, pages, contracts, addresses.

use super::Finding;
use crate::{
    app::{check_dialects, disclosures, look as pages, session_secrets},
    config::Config,
};

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![secrets(config)];
    let looks = pages(config).map(|_| "name, logo and colour can be used".to_owned());
    findings.push(Finding::of("pages", looks, "see [pages]"));
    let served = check_dialects(config).map(|()| "they can be served together".to_owned());
    findings.push(Finding::of("contracts", served, "see [dialects]"));
    findings.extend(disclosures(config).into_iter().map(|line| Finding::ok("contracts", line)));
    findings.extend(public_url(config));
    findings.extend(watchers(config));
    findings
}

/// Never makes a secret, as a start would.
fn secrets(config: &Config) -> Finding {
    let given = config.session.secrets_file.is_some() || !config.session.secrets.is_empty();
    if !given && !config.data.join("session-secret").exists() {
        return Finding::ok("session secrets", "one is made at the first start and kept in the data folder");
    }
    let advice = "each needs 16 bytes or more; the file holds one a line";
    let read = session_secrets(&config.session, &config.data);
    Finding::of(
        "session secrets",
        read.map(|keys| format!("{} can be used", keys.verifying().count())),
        advice,
    )
}

fn public_url(config: &Config) -> Option<Finding> {
    let url = config.public_url.as_deref()?;
    let read =
        url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    Some(match read.map(|url| (url.scheme() == "https", url.host_str().is_some_and(is_this_machine))) {
        None => Finding::failure(
            "public_url",
            "it is no http or https address",
            "as in https://login.example.com",
        ),
        Some((false, false)) => Finding::warning(
            "public_url",
            "links in letters and cookies go without TLS",
            "serve by https and say so in public_url",
        ),
        Some(_) => Finding::ok("public_url", url),
    })
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn watchers(config: &Config) -> Option<Finding> {
    let address = config.observe.listen?;
    let shown = format!("metrics, health and readiness at {address}");
    Some(match address.ip().is_loopback() {
        true => Finding::ok("observe.listen", shown),
        false => Finding::warning(
            "observe.listen",
            shown,
            "there is no sign-in: see that only those can reach it who may know how busy the server is",
        ),
    })
}
