//! What is done to a recorded body, and to ours, before they are compared.

use serde_json::Value;

/// The number of the last account in `people.sql`.
const LAST_OF_THE_PEOPLE: i64 = 16;

/// Changes every field of a body, however deep.
fn each_field(body: &mut Value, change: &impl Fn(&str, &mut Value)) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                change(name, value);
                each_field(value, change);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_field(value, change)),
        _ => {}
    }
}

/// Hides what no two runs have in common: times, and what was given to accounts that were made meanwhile.
pub fn masked(body: &mut Value) {
    each_field(body, &|name, value| {
        let hidden = match name {
            "lastUpdated" | "lastAuthenticated" => "some time",
            "registrationSent" if !value.is_null() => "some time",
            "id" if value.as_i64().is_some_and(|id| id > LAST_OF_THE_PEOPLE) => "a new number",
            "username" if is_of_an_invited_person(value) => "a name until the invitation is taken",
            _ => return,
        };
        *value = Value::from(hidden);
    });
}

fn is_of_an_invited_person(username: &Value) -> bool {
    let chance = username.as_str().and_then(|name| name.strip_prefix("registration_"));
    chance.is_some_and(|chance| chance.len() == 32 && chance.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Leaves of our list as many elements as were kept of the recorded one, which was longer, as ours has to be.
pub fn shorten(now: &mut Value, then: &Value) {
    let kept = then["response"].as_array().map_or(0, Vec::len);
    match now.get_mut("response").and_then(Value::as_array_mut) {
        Some(list) if list.len() > kept => list.truncate(kept),
        _ => *now = Value::from("no longer list than what was kept of the recorded one"),
    }
}

/// Of the permissions of a role, those that latchkey serves operations for, in the order of the alphabet.
pub fn only_permissions_of_accounts(body: &mut Value) {
    each_field(body, &|name, value| {
        if let ("capabilities" | "permissions", Some(permissions)) = (name, value.as_array_mut()) {
            permissions.retain(|permission| {
                let (subject, _) =
                    permission.as_str().unwrap_or_default().split_once(':').unwrap_or_default();
                permission == "ALL" || ["USER", "ROLE", "TENANT"].contains(&subject)
            });
            permissions.sort_by_key(ToString::to_string);
        }
    });
}

/// A user without the password that the recorded server sent back.
pub fn without_password(body: &mut Value) {
    if let Some(user) = body["response"].as_object_mut() {
        user.shift_remove("confirmLocalPasswd");
    }
}

/// A user with the one change that the recorded server did not write down.
pub fn one_change_more(body: &mut Value) {
    if let Some(count) = body["response"].get_mut("changeLogCount") {
        *count = Value::from(count.as_i64().unwrap_or_default() + 1);
    }
}
