//! Compiles every dialect's routes into one look-up.

use std::collections::BTreeMap;

use http::{HeaderValue, Method};

use super::{
    dialect::Dialect,
    route::{Route, Verb},
    tally::Tally,
    version::ApiVersion,
};

/// The server's only router: a radix trie of concrete paths, so that no version is parsed per request.
pub struct RouteTable {
    mounted: Vec<Mounted>,
    paths: matchit::Router<Methods>,
    places: Vec<Place>,
    /// Counts of the places, by their numbers.
    pub tally: Tally,
}

/// A place in the table, as it is counted and logged.
pub struct Place {
    /// The dialect's name.
    pub dialect: &'static str,
    /// The version; empty where there is but one, or none was found.
    pub version: String,
    /// The operation; `none` for what no operation of the dialect answers.
    pub operation: &'static str,
    /// The path with its parameters by name, so that no value of them is ever written down.
    pub pattern: String,
}

/// A dialect that is switched on, and the prefix that its paths hang under: `""`, or as in `/legacy`.
#[derive(Clone)]
pub struct Mounted {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// In front of every path of it.
    pub prefix: String,
}

type Methods = BTreeMap<Verb, Endpoint>;

/// A route as served in one version of one dialect.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// Whose envelope answers.
    pub dialect: &'static Dialect,
    /// The row.
    pub route: &'static Route,
    /// The version asked for.
    pub version: ApiVersion,
    /// Its number among the places of the table it was found in.
    pub place: usize,
}

/// What a method and a path came to.
pub enum Lookup {
    /// An operation, with its path parameters.
    Found(Endpoint, Vec<(String, String)>),
    /// The path exists under other methods, given as an `Allow` value.
    WrongMethod(&'static Dialect, HeaderValue),
    /// Nothing there.
    NoSuchPath(&'static Dialect),
}

/// Two rows claim one place: found at start, never at run time.
#[derive(Debug, thiserror::Error)]
#[error("two operations claim {path}: {detail}")]
pub struct RouteClash {
    path: String,
    detail: String,
}

impl RouteTable {
    /// Expands every row into the versions that serve it.
    ///
    /// # Errors
    /// [`RouteClash`] names both rows.
    pub fn compile(mounted: Vec<Mounted>) -> Result<Self, RouteClash> {
        let mut by_path: BTreeMap<String, Methods> = BTreeMap::new();
        let mut places = Vec::new();
        for (at, mut endpoint) in mounted.iter().flat_map(|at| endpoints(at.dialect).map(move |e| (at, e))) {
            endpoint.place = places.len();
            places.push(Place::of(&endpoint, &at.prefix));
            for path in endpoint.paths() {
                let path = format!("{}{path}", at.prefix);
                let methods = by_path.entry(path.clone()).or_default();
                if let Some(earlier) = methods.insert(endpoint.route.verb, endpoint) {
                    let detail = format!("{} and {}", earlier.route.operation, endpoint.route.operation);
                    return Err(RouteClash { path, detail });
                }
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            let inserted = paths.insert(path.clone(), methods);
            inserted.map_err(|clash| RouteClash { path, detail: clash.to_string() })?;
        }
        places.extend(mounted.iter().map(Place::elsewhere));
        let tally = Tally::new(places.len());
        Ok(Self { mounted, paths, places, tally })
    }

    /// Where the paths of an operation's version begin, from the root of the server.
    pub fn mount(&self, Endpoint { dialect, version, .. }: &Endpoint) -> String {
        let at = self.mounted.iter().find(|at| at.dialect.name == dialect.name);
        format!("{}{}", at.map_or("", |at| &at.prefix), (dialect.mount)(*version))
    }

    /// Every place, by its number.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The number of whatever no operation of a dialect answers.
    pub fn elsewhere(&self, dialect: &Dialect) -> usize {
        let at = self.mounted.iter().position(|at| at.dialect.name == dialect.name);
        self.places.len() - self.mounted.len() + at.unwrap_or_default()
    }

    /// Finds the operation for a method and a decoded path.
    pub fn lookup(&self, method: &Method, path: &str) -> Lookup {
        let Ok(hit) = self.paths.at(path) else { return Lookup::NoSuchPath(self.at_home(path)) };
        match Verb::serving(method).iter().find_map(|verb| hit.value.get(verb)) {
            Some(endpoint) => {
                let params = hit.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                Lookup::Found(*endpoint, params.collect())
            }
            None => {
                let dialect = hit.value.values().next().map_or(self.at_home(path), |first| first.dialect);
                Lookup::WrongMethod(dialect, allow(hit.value))
            }
        }
    }

    /// The dialect that words what concerns this path as a whole.
    pub fn at_home(&self, path: &str) -> &'static Dialect {
        let homes = self.mounted.iter().flat_map(|at| {
            let rest = path.strip_prefix(&at.prefix);
            let around =
                at.dialect.homes.iter().filter(move |home| rest.is_some_and(|rest| is_below(rest, home)));
            around.map(|home| (at.prefix.len() + home.len(), at.dialect))
        });
        homes.max_by_key(|(length, _)| *length).map_or(self.mounted[0].dialect, |(_, dialect)| dialect)
    }
}

impl Place {
    fn of(endpoint: &Endpoint, prefix: &str) -> Self {
        let several = endpoint.dialect.versions.len() > 1;
        let path = endpoint.paths().into_iter().next().unwrap_or_default();
        Self {
            dialect: endpoint.dialect.name,
            version: if several { endpoint.version.to_string() } else { String::new() },
            operation: endpoint.route.operation,
            pattern: format!("{prefix}{path}"),
        }
    }

    /// Whether machines ask there all the time how we are.
    pub fn is_probe(&self) -> bool {
        self.dialect == super::health::DIALECT.name && self.operation != "none"
    }

    fn elsewhere(at: &Mounted) -> Self {
        let (version, pattern) = (String::new(), "-".to_owned());
        Self { dialect: at.dialect.name, version, operation: "none", pattern }
    }
}

impl Endpoint {
    /// The full paths below the prefix, version included: two where a trailing slash is allowed.
    pub fn paths(&self) -> Vec<String> {
        let mount = (self.dialect.mount)(self.version);
        match self.route.path.strip_suffix("/?") {
            Some(path) => vec![format!("{mount}/{path}"), format!("{mount}/{path}/")],
            None => vec![format!("{mount}/{}", self.route.path)],
        }
    }
}

/// Every place where a dialect can be called: what documents and tests are held against.
pub fn endpoints(dialect: &'static Dialect) -> impl Iterator<Item = Endpoint> {
    dialect.routes.iter().flat_map(move |route| {
        let served = dialect
            .versions
            .iter()
            .copied()
            .filter(|version| route.since.iter().any(|first| version.serves(*first)));
        served.map(move |version| Endpoint { dialect, route, version, place: usize::MAX })
    })
}

/// Whether a path is the home or lies below it: `/user` is not the home of `/users`.
fn is_below(path: &str, home: &str) -> bool {
    let rest = path.strip_prefix(home.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn allow(methods: &Methods) -> HeaderValue {
    let mut names: Vec<String> = methods.keys().map(ToString::to_string).collect();
    if methods.contains_key(&Verb::Get) {
        names.push("HEAD".to_owned());
    }
    names.push("OPTIONS".to_owned());
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}
