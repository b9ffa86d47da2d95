//! Pictures of every page, phone and desktop, light and dark: made when `LATCHKEY_PICTURES` names a folder.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::Client;
use serde_json::json;

use super::{
    driver::{Driver, debugger},
    house::House,
    palette::reduced,
    scene,
};

#[tokio::test]
async fn pictures_of_every_page_are_taken_when_they_are_asked_for() {
    let Some(folder) = std::env::var_os("LATCHKEY_PICTURES").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    let (house, driver) = (House::open(), Driver::start().await);
    let (stranger, margaret, pages) = scene::set(&house, &driver).await;
    for page in &pages {
        for (device, width) in [("phone", 390), ("desktop", 1040)] {
            for (light_, dark) in [("light", false), ("dark", true)] {
                let client = page.visit(&house, &stranger, &margaret).await;
                light(&client, dark).await;
                let picture = picture(&client, width).await;
                let file = folder.join(format!("{}-{device}-{light_}.png", page.name));
                fs::write(&file, &picture).unwrap();
                println!("{} {} KB", file.display(), picture.len() / 1024);
            }
        }
    }
}

/// Day or night.
pub async fn light(client: &Client, dark: bool) {
    let value = if dark { "dark" } else { "light" };
    let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
    debugger(client, "Emulation.setEmulatedMedia", feature).await.unwrap();
}

/// The size of the screen.
pub async fn size(client: &Client, width: u32, height: u32) {
    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    debugger(client, "Emulation.setDeviceMetricsOverride", size).await.unwrap();
}

/// The whole page, however long it is.
async fn picture(client: &Client, width: u32) -> Vec<u8> {
    size(client, width, 400).await;
    let height = client.execute("return document.documentElement.scrollHeight", Vec::new()).await.unwrap();
    size(client, width, u32::try_from(height.as_u64().unwrap()).unwrap().max(400)).await;
    // Where nobody has pressed a key, nothing shows the focus.
    client.execute("document.activeElement.blur()", Vec::new()).await.unwrap();
    let taken = debugger(client, "Page.captureScreenshot", json!({ "format": "png" })).await.unwrap();
    size(client, 1280, 800).await;
    reduced(&STANDARD.decode(taken["data"].as_str().unwrap()).unwrap())
}
