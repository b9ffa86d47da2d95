//! The recorded exchanges as values.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

/// One request to the real server, and what it answered.
#[derive(Clone, Deserialize)]
pub struct Row {
    pub name: String,
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    /// 0: the connection was closed without an answer.
    pub status: u16,
    /// Level and text.
    pub alerts: Option<Vec<(String, String)>>,
    pub body_text: Option<String>,
    /// The list in the body was longer: only its first elements were kept.
    #[serde(default)]
    pub begins: bool,
}

impl Row {
    /// The name without the version: `login-ok`.
    pub fn case(&self) -> &str {
        self.name.split_once('-').map_or(self.name.as_str(), |(_, case)| case)
    }

    /// Whether there was a user without a role when this was recorded.
    pub fn knows_norole(&self) -> bool {
        let lists = ["users-", "ims-", "roles-", "tenants-", "capabilities-"];
        self.case() == "users-get-while-a-user-has-no-role"
            || !lists.iter().any(|list| self.case().starts_with(list))
    }

    /// Whether the request, answered well, changes something that later rows could see.
    pub fn leaves_traces(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// The rows of one version, in the order in which they were recorded.
pub fn recorded(version: &str) -> Vec<Row> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/exchanges/{version}.jsonl"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{version}: {error}: {line}"));
    text.lines().map(read).collect()
}
