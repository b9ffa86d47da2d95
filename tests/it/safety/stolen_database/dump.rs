//! Reads every column of every table, in every form in which somebody would try it.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::support::TestApp;

/// Lengths of the secrets that are taken as text: temporary password, auth token, reset key, bearer, session.
const SHAPES: [usize; 5] = [20, 27, 30, 40, 43];

/// What stands in the database, as credentials; and the tables that are empty.
pub async fn dumped(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let client = app.database.client().await.unwrap();
    let columns = "SELECT table_schema || '.' || table_name, column_name, data_type \
        FROM information_schema.columns WHERE table_schema IN ('public', 'latchkey') \
        AND table_name NOT LIKE '%schema_history' ORDER BY 1, ordinal_position";
    let (mut found, mut filled, mut tables) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for row in client.query(columns, &[]).await.unwrap() {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        tables.insert(table.clone());
        let text = if kind == "bytea" {
            format!("encode(\"{column}\", 'hex')")
        } else {
            format!("\"{column}\"::text")
        };
        // Times and truth are no secrets, and there is no end to them.
        let secret = !kind.starts_with("timestamp") && kind != "boolean";
        for value in client.query(&format!("SELECT DISTINCT {text} FROM {table}"), &[]).await.unwrap() {
            filled.insert(table.clone());
            if let Some(value) = value.get::<_, Option<String>>(0).filter(|_| secret) {
                found.extend(forms(&value, kind == "bytea"));
            }
        }
    }
    found.remove("");
    (found.into_iter().collect(), tables.difference(&filled).cloned().collect())
}

/// A value as it is, and what it comes to in other writing and cut to the length of a secret.
fn forms(value: &str, bytes: bool) -> Vec<String> {
    let raw = if bytes { unhexed(value) } else { value.as_bytes().to_vec() };
    let mut forms = vec![value.to_owned()];
    if bytes {
        forms.extend([STANDARD.encode(&raw), URL_SAFE_NO_PAD.encode(&raw), format!("\\x{value}")]);
        forms.push(URL_SAFE_NO_PAD.encode(&raw[..raw.len().min(20)]));
    }
    if raw.len() >= 20 {
        let plain: String = forms.last().unwrap().chars().filter(char::is_ascii_alphanumeric).collect();
        for text in [value.to_owned(), plain] {
            forms.extend(SHAPES.iter().filter_map(|length| text.get(..*length)).map(str::to_owned));
        }
    }
    // The last part of a stored password hash, which is what a careless comparison would take.
    forms.extend(value.rsplit(['$', ':']).next().filter(|part| *part != value).map(str::to_owned));
    forms
}

fn unhexed(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
