//! Reads the OpenAPI documents of `api/` and finds the operation that a request is about.

use std::{fs, path::Path, sync::LazyLock};

use serde_json::Value;

/// Keys of a path item that are operations (OpenAPI 3.1, Path Item Object), and their methods.
pub const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
];

/// One document: one dialect in one major version.
pub struct Document {
    /// The file's name without `.json`.
    pub name: String,
    /// All of it, keys in the order of the file.
    pub root: Value,
}

/// One operation of one document.
#[derive(Clone, Copy)]
pub struct Operation {
    /// Where it is documented.
    pub document: &'static Document,
    /// Its `operationId`.
    pub id: &'static str,
    /// In capitals.
    pub method: &'static str,
    /// Below the server's address, `{name}` for a parameter.
    pub path: &'static str,
    node: &'static Value,
}

/// What the documents know about a method and a path.
pub enum Place {
    /// It is an operation.
    Of(Operation),
    /// The path is documented, under other methods: these.
    OtherMethod(Vec<Operation>),
    /// No document has the path.
    Nowhere,
}

/// Every document, by name.
pub fn documents() -> &'static [Document] {
    static ALL: LazyLock<Vec<Document>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
        let entries = fs::read_dir(&folder).expect("the folder of the documents");
        let mut files: Vec<_> = entries.map(|entry| entry.expect("a file name").path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        files.iter().map(|file| read(file)).collect()
    });
    &ALL
}

/// The documents of one dialect, oldest major version first.
///
/// # Panics
/// When it has none: whatever is asked of them would be true of nothing.
pub fn documents_of(dialect: &str) -> impl Iterator<Item = &'static Document> {
    let mut found = documents().iter().filter(move |document| document.is_of(dialect)).peekable();
    assert!(found.peek().is_some(), "{dialect} has no document: api/{dialect}.json is missing");
    found
}

/// Looks a request line up in documents. The query is not looked at; percent-encoding and one trailing slash are
/// undone.
pub fn place(documents: &'static [Document], method: &str, target: &str) -> Place {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let there: Vec<Operation> = documents
        .iter()
        .flat_map(Document::operations)
        .filter(|operation| operation.is_at(path.strip_suffix('/').unwrap_or(&path)))
        .collect();
    let wanted = if method == "HEAD" { "GET" } else { method };
    match there.iter().find(|operation| operation.method == wanted) {
        Some(operation) => Place::Of(*operation),
        None if there.is_empty() => Place::Nowhere,
        None => Place::OtherMethod(there),
    }
}

impl Document {
    /// Its operations, in the order of the file.
    pub fn operations(&'static self) -> impl Iterator<Item = Operation> {
        entries(&self.root["paths"]).flat_map(move |(path, item)| {
            entries(item).filter_map(move |(key, node)| {
                let (_, method) = METHODS.iter().find(|(name, _)| *name == key)?;
                let id = node["operationId"].as_str().unwrap_or_default();
                Some(Operation { document: self, id, method, path, node })
            })
        })
    }

    /// The addresses it is served under, oldest version first.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        addresses(&self.root)
    }

    /// Whether it is the dialect's, in whichever major version.
    fn is_of(&self, dialect: &str) -> bool {
        let rest = self.name.strip_prefix(dialect);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("-v"))
    }

    /// Whether each of its bodies ends with a line feed, as the original's encoder wrote them.
    pub fn ends_with_line_feed(&self) -> bool {
        self.name.starts_with("traffic_ops")
    }

    /// Follows `$ref` until there is none.
    ///
    /// # Panics
    /// When it leads nowhere.
    pub fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        match node.get("$ref").and_then(Value::as_str) {
            None => node,
            Some(reference) => {
                let found = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
                self.resolve(found.unwrap_or_else(|| panic!("{}: {reference} leads nowhere", self.name)))
            }
        }
    }
}

impl Operation {
    /// The addresses it is served under, oldest version first: its own `servers`, where only later minor versions have
    /// it (OpenAPI 3.1, Operation Object), or else those of its document.
    pub fn servers(self) -> impl Iterator<Item = &'static str> {
        addresses(if self.node.get("servers").is_some() { self.node } else { &self.document.root })
    }

    /// Whether it asks for a session: it has `security`, and no way round it.
    pub fn needs_session(self) -> bool {
        let ways = self.node.get("security").or_else(|| self.document.root.get("security"));
        let ways = ways.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        !ways.is_empty() && ways.iter().all(|way| way.as_object().is_some_and(|way| !way.is_empty()))
    }

    /// The statuses it documents, in the order of the file.
    pub fn statuses(self) -> impl Iterator<Item = u16> {
        entries(&self.node["responses"]).map(|(status, _)| status.parse().expect("a status is a number"))
    }

    /// What it documents for a status.
    pub fn response(self, status: u16) -> Option<&'static Value> {
        self.node["responses"].get(status.to_string()).map(|node| self.document.resolve(node))
    }

    /// What it reads, if it reads a body.
    pub fn request(self) -> Option<&'static Value> {
        self.node.get("requestBody").map(|node| self.document.resolve(node))
    }

    /// Examples of its body, by name.
    pub fn request_examples(self) -> impl Iterator<Item = (&'static str, &'static Value)> {
        self.request().into_iter().flat_map(move |request| examples(self.document, request))
    }

    /// Examples of its answer with this status, by name.
    pub fn response_examples(self, status: u16) -> impl Iterator<Item = (&'static str, &'static Value)> {
        self.response(status).into_iter().flat_map(move |response| examples(self.document, response))
    }

    /// What it reads beside its body.
    pub fn parameters(self) -> impl Iterator<Item = Parameter> {
        let nodes = self.node.get("parameters").and_then(Value::as_array).into_iter().flatten();
        nodes.map(move |node| Parameter { document: self.document, node: self.document.resolve(node) })
    }

    /// Whether it is about oneself, and not about other people, roles or tenants.
    pub fn is_personal(self) -> bool {
        let tags = self.node["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        tags.into_iter().all(|tag| !["users", "roles", "tenants"].contains(&tag))
    }

    /// Whether it is served under this path.
    fn is_at(self, path: &str) -> bool {
        self.servers().any(|server| path.strip_prefix(server).is_some_and(|rest| fits(self.path, rest)))
    }
}

/// A value in the path, the query or the head of a request.
#[derive(Clone, Copy)]
pub struct Parameter {
    document: &'static Document,
    node: &'static Value,
}

impl Parameter {
    pub fn name(self) -> &'static str {
        self.node["name"].as_str().expect("a parameter has a name")
    }

    /// `path`, `query` or `header`.
    pub fn place(self) -> &'static str {
        self.node["in"].as_str().expect("a parameter has a place")
    }

    pub fn schema(self) -> &'static Value {
        self.document.resolve(&self.node["schema"])
    }

    /// Its examples, by the name of what they lead to.
    pub fn examples(self) -> impl Iterator<Item = (&'static str, &'static Value)> {
        let resolved = move |(name, example)| (name, &self.document.resolve(example)["value"]);
        entries(&self.node["examples"]).map(resolved)
    }

    /// The value that goes with an example of the operation: the one of its name, or else, where there must be one,
    /// the first.
    pub fn value_for(self, name: &str) -> Option<String> {
        let named = self.examples().find(|(known, _)| *known == name);
        let must = self.node["required"] == true;
        let (_, value) = named.or_else(|| must.then(|| self.examples().next()).flatten())?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// Members of an object, in order; nothing for anything else.
pub fn entries(node: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    node.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn examples(
    document: &'static Document,
    carrier: &'static Value,
) -> impl Iterator<Item = (&'static str, &'static Value)> {
    entries(&json(document, carrier)["examples"])
        .map(|(name, example)| (name, &document.resolve(example)["value"]))
}

/// What a request or an answer is as JSON, in whatever charset.
pub fn json(document: &'static Document, carrier: &'static Value) -> &'static Value {
    let mut kinds = entries(&document.resolve(carrier)["content"]);
    kinds.find(|(kind, _)| kind.starts_with("application/json")).map_or(&Value::Null, |(_, media)| media)
}

/// The addresses under `servers`, such as `/api/3.1`; nothing for the root.
fn addresses(node: &Value) -> impl Iterator<Item = &str> {
    let servers = node["servers"].as_array().into_iter().flatten();
    servers.filter_map(|server| server["url"].as_str()).map(|url| url.trim_end_matches('/'))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(have)) if want == have || (want.starts_with('{') && !have.is_empty()) => {}
            _ => return false,
        }
    }
}

fn read(file: &Path) -> Document {
    let name = file.file_stem().and_then(|stem| stem.to_str()).expect("a plain file name").to_owned();
    let text = fs::read(file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let root = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Document { name, root }
}
