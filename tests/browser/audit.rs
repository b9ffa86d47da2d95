//! What every page must be: accessible by axe-core's rules and by keyboard alone, silent on the console, light.

use std::{collections::BTreeSet, fs, path::Path};

use fantoccini::Client;
use serde_json::Value;

use super::{
    driver::{Driver, debugger, worrying},
    house::House,
    pictures, scene,
};

/// Largest page, in bytes.
const HEAVIEST: usize = 30 * 1024;

#[tokio::test]
async fn every_page_is_accessible_by_keyboard_alone_silent_and_light() {
    let axe = Path::new("tests/browser/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(axe).expect("axe-core is there: tools/ensure axe installs it");
    let (house, driver) = (House::open(), Driver::start().await);
    let (stranger, margaret, pages) = scene::set(&house, &driver).await;
    let mut wrong = Vec::new();
    for page in &pages {
        let client = page.visit(&house, &stranger, &margaret).await;
        for dark in [false, true] {
            pictures::light(&client, dark).await;
            wrong.extend(
                violations(&client, &axe)
                    .await
                    .into_iter()
                    .map(|what| format!("{} (dark: {dark}): {what}", page.name)),
            );
        }
        pictures::light(&client, false).await;
        let bytes = client.source().await.unwrap().len();
        println!("{:24} {bytes:6} bytes", page.name);
        if bytes > HEAVIEST {
            wrong.push(format!("{} weighs {bytes} bytes", page.name));
        }
        wrong.extend(
            unreachable(&client)
                .await
                .into_iter()
                .map(|what| format!("{}: no key leads to {what}", page.name)),
        );
        wrong.extend(wide(&client).await.map(|what| format!("{}: {what}", page.name)));
        let said = worrying(&client).await.into_iter();
        wrong.extend(said.map(|line| format!("{}: the console says {line}", page.name)));
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    stranger.client.close().await.unwrap();
    margaret.client.close().await.unwrap();
}

/// What axe-core finds: every rule it has, those for best practice too.
async fn violations(client: &Client, axe: &str) -> Vec<String> {
    client.execute(axe, Vec::new()).await.unwrap();
    let run = "const done = arguments[arguments.length - 1]; axe.run(document).then(done, error => done(String(error)));";
    let found = client.execute_async(run, Vec::new()).await.unwrap();
    let Some(violations) = found["violations"].as_array() else {
        return vec![format!("axe-core fails: {found}")];
    };
    let told = |violation: &Value| {
        let nodes = violation["nodes"].as_array().unwrap().iter();
        let nodes: Vec<_> =
            nodes.map(|node| format!("{} {}", node["target"], node["failureSummary"])).collect();
        format!("{} {}", violation["id"], nodes.join("; "))
    };
    violations.iter().map(told).collect()
}

/// What can be used and is not reached with the tabulator key.
async fn unreachable(client: &Client) -> Vec<String> {
    let list = "return [...document.querySelectorAll('a[href], button, input:not([type=hidden]):not([hidden]), select, textarea, summary, iframe')]\
        .map((element, number) => { element.dataset.number = number; return element.outerHTML.slice(0, 120) })";
    let all = client.execute(list, Vec::new()).await.unwrap();
    let all: Vec<String> = serde_json::from_value(all).unwrap();
    let start = "document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')";
    client.execute(start, Vec::new()).await.unwrap();
    let mut reached = BTreeSet::new();
    for _ in 0..all.len() + 8 {
        for (kind, text) in [("rawKeyDown", ""), ("keyUp", "")] {
            let key = serde_json::json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "text": text });
            debugger(client, "Input.dispatchKeyEvent", key).await.unwrap();
        }
        let at =
            client.execute("return document.activeElement.dataset.number ?? null", Vec::new()).await.unwrap();
        reached.extend(at.as_str().and_then(|number| number.parse::<usize>().ok()));
    }
    all.into_iter()
        .enumerate()
        .filter(|(number, _)| !reached.contains(number))
        .map(|(_, element)| element)
        .collect()
}

/// Whether something sticks out on a small phone.
async fn wide(client: &Client) -> Option<String> {
    pictures::size(client, 320, 640).await;
    let width = client.execute("return document.documentElement.scrollWidth", Vec::new()).await.unwrap();
    pictures::size(client, 1280, 800).await;
    (width.as_u64().unwrap() > 320).then(|| format!("it is {width} wide on a screen of 320"))
}
