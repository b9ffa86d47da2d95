//! What happened to an account: sign-ins and changes, by whom and from where, for its holder and for administrators.

use minijinja::{Value, context};
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{
    admin::{LINES, actor, refused, users},
    device, moment,
    show::page,
    words::{filled, find, say},
};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{Account, AccountId},
    service::AuditEvent,
};

/// What happened to one's own account.
pub(super) async fn own(call: Call) -> Result<Reply, Problem> {
    let account = &call.caller()?.account;
    list(&call, account, true).await
}

/// What happened to somebody else's.
pub(super) async fn of_user(call: Call) -> Result<Reply, Problem> {
    let account = users::named(&call).await?;
    list(&call, &account, false).await
}

async fn list(call: &Call, account: &Account, is_own: bool) -> Result<Reply, Problem> {
    let before = call.query("before").and_then(|text| text.parse().ok());
    let audit = &call.site.services.audit;
    let found =
        audit.of_account(actor(call)?, account.id, before, LINES as i64 + 1).await.map_err(refused)?;
    let now = call.site.clock.now();
    let older = (found.len() > LINES).then(|| found[LINES - 1].id);
    let reader = Reader { of: account.id, is_own, now };
    let events: Vec<_> = found.iter().take(LINES).map(|event| reader.line(event)).collect();
    let place = if is_own { "/account".to_owned() } else { format!("/users/{}", account.id.0) };
    let name = users::called(account);
    page(call, "activity.html", context! { is_own, place, name, events, older, newest => before.is_none() })
}

/// Whoever reads the trail, and whose it is.
struct Reader {
    of: AccountId,
    is_own: bool,
    now: OffsetDateTime,
}

impl Reader {
    fn line(&self, event: &AuditEvent) -> Value {
        let what = find(&format!("activity.events.{}", event.event)).unwrap_or(&event.event);
        let by_holder = event.actor == Some(self.of);
        // From where somebody else changed the account is for administrators.
        let address = event.address.as_deref().filter(|_| !self.is_own || by_holder || event.actor.is_none());
        context! {
            what,
            about => self.about(event),
            moment => moment::shown(event.happened_at, self.now),
            by => self.by(event),
            address,
            way => find(&format!("activity.ways.{}", event.dialect)).unwrap_or(&event.dialect),
            is_bad => matches!(event.event.as_str(), "sign_in_failed" | "token_reused"),
        }
    }

    fn by(&self, event: &AuditEvent) -> String {
        match (event.actor, &event.actor_name) {
            (Some(actor), _) if actor == self.of && self.is_own => say("activity.you"),
            (_, Some(name)) => name.clone(),
            (Some(AccountId(id)), None) => filled(&say("activity.removed"), &[("number", &id.to_string())]),
            (None, None) if event.dialect == "cli" => say("activity.operator"),
            (None, None) => say("activity.stranger"),
        }
    }

    /// What the event says beside its kind: whose account it is, if another one; with what; which fields.
    fn about(&self, event: &AuditEvent) -> Vec<String> {
        let other = event.account.filter(|account| *account != self.of).map(|AccountId(id)| {
            match event.account_name.as_deref() {
                Some(name) if !users::has_chosen(name) => say("activity.not_registered"),
                Some(name) => name.to_owned(),
                None => filled(&say("activity.removed"), &[("number", &id.to_string())]),
            }
        });
        let detail = event.detail.as_ref();
        let text =
            |name: &str| detail?.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let program =
            detail.and_then(|detail| detail.get("program")).map(|program| device::named(program.as_str()));
        let fields = detail.and_then(|detail| detail.get("fields")).and_then(Json::as_array).map(|fields| {
            let names = fields.iter().filter_map(Json::as_str);
            names
                .map(|name| find(&format!("activity.fields.{name}")).unwrap_or(name))
                .collect::<Vec<_>>()
                .join(", ")
        });
        let by_hand = detail.and_then(|detail| detail.get("handed_over")).map(|_| String::new());
        let parts = [
            ("user", other),
            ("program", program),
            ("fields", fields.filter(|names| !names.is_empty())),
            ("role", text("role")),
            ("tenant", text("tenant")),
            ("client", text("client")),
            ("handed_over", by_hand),
        ];
        let said = |(key, text): (&str, Option<String>)| {
            Some(filled(find(&format!("activity.about.{key}"))?, &[("text", &text?)]))
        };
        parts.into_iter().filter_map(said).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AuditKind;

    #[test]
    fn whatever_is_put_down_has_words() {
        for kind in AuditKind::ALL {
            assert!(find(&format!("activity.events.{}", kind.as_str())).is_some(), "{kind:?}");
        }
    }
}
