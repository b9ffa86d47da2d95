//! What the settings say about themselves: secrets, pages, contracts, addresses.

use std::path::Path;

use super::Finding;
use crate::{
    app::{
        check_dialects, disclosures,
        entrance::{self, is_this_machine},
        look as pages, secrets, session_secrets,
    },
    config::Config,
    mail::TransportKind,
};

pub(super) fn look(config: &Config, folder: &Path) -> Vec<Finding> {
    let mut findings = vec![session_keys(config, folder)];
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
fn session_keys(config: &Config, folder: &Path) -> Finding {
    let given = config.session.secrets_file.is_some() || !config.session.secrets.is_empty();
    if !given && !folder.join(secrets::FILE).exists() {
        return Finding::ok("session secrets", "one is made at the first start and kept in the data folder");
    }
    let advice =
        "the file holds one a line, each of 16 bytes or more, and can be read by the user that runs latchkey";
    let read = session_secrets(&config.session, folder);
    Finding::of(
        "session secrets",
        read.map(|keys| format!("{} can be used", keys.verifying().count())),
        advice,
    )
}

fn public_url(config: &Config) -> Option<Finding> {
    let Some(url) = config.public_url.as_deref() else {
        let found = format!("none, so the links in letters lead to {}", entrance::public_url(config, &[]));
        let advice = "set it to how people reach the server, as in https://login.example.com";
        let sent = config.mail.transport == TransportKind::Smtp;
        return sent.then(|| Finding::warning("public_url", found, advice));
    };
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
