//! chromedriver on a free port, and the Chromium that it starts: in a process group of its own, which ends with it.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use fantoccini::{
    Client, ClientBuilder,
    error::CmdError,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

/// One browser at a time: two would only slow each other down.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A running driver.
pub struct Driver {
    process: Child,
    url: String,
    profile: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Driver {
    /// # Panics
    /// When there is none: nothing here is skipped.
    pub async fn start() -> Self {
        let alone = ALONE.lock().await;
        let profile = tempfile::Builder::new().prefix("latchkey-chromium-").tempdir().unwrap();
        let log = File::create(profile.path().join("driver.log")).unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let spawned = command.spawn();
        let mut process = spawned.expect("chromedriver is there: tools/ensure chromium installs it");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            line.split("successfully on port ").nth(1).map(|port| port.trim_end_matches('.').to_owned())
        });
        let url = format!("http://127.0.0.1:{}", port.expect("chromedriver says its port"));
        // Nobody reads what it says later, but it must be able to say it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url, profile, _alone: alone }
    }

    /// A browser with a profile of its own.
    pub async fn browser(&self, scripts: bool) -> Client {
        let profile = self
            .profile
            .path()
            .join(format!("profile-{}", std::fs::read_dir(&self.profile).unwrap().count()));
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1280,900",
            "--force-device-scale-factor=1",
            "--lang=en-GB",
        ];
        let own = format!("--user-data-dir={}", profile.display());
        let arguments: Vec<_> = arguments.into_iter().chain([own.as_str()]).collect();
        // 1 allows scripts of pages, 2 blocks them; the driver's own go on.
        let allowed = if scripts { 1 } else { 2 };
        let wanted = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {
                    "profile.managed_default_content_settings.javascript": allowed,
                    "credentials_enable_service": false,
                },
            },
        });
        let Value::Object(wanted) = wanted else { unreachable!("it is an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(Capabilities::from_iter(wanted));
        builder.connect(&self.url).await.expect("Chromium starts")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}

/// A command of chromedriver's own.
#[derive(Debug)]
pub struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// A command of the browser's debugger.
pub async fn debugger(client: &Client, name: &str, parameters: Value) -> Result<Value, CmdError> {
    client
        .issue_cmd(Own { path: "goog/cdp/execute", body: json!({ "cmd": name, "params": parameters }) })
        .await
}

/// What stands on the console since the last time: breaches of the policy among it. That a page was refused, or
/// could not be made, the browser notes there too, and that is as it should be.
pub async fn worrying(client: &Client) -> Vec<String> {
    let lines = client.issue_cmd(Own { path: "se/log", body: json!({ "type": "browser" }) }).await.unwrap();
    let lines = lines.as_array().unwrap().iter();
    let lines = lines.map(|line| format!("{} {}", line["level"], line["message"]));
    let noted = ["the server responded with a status of 4", "the server responded with a status of 5"];
    lines.filter(|line| !noted.iter().any(|noted| line.contains(noted))).collect()
}
