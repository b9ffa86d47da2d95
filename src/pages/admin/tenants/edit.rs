//! One tenant: made, changed, moved, removed.

use http::StatusCode;
use minijinja::{Value, context};

use crate::{
    api::{
        call::Call,
        permissions::{CREATE_TENANTS, DELETE_TENANTS, UPDATE_TENANTS},
        problem::Problem,
        reply::Reply,
    },
    domain::{Label, Slice, TenantNode},
    pages::{
        admin::{actor, choices, errand, known, number, precondition, told::Told},
        form::Form,
        render::{changed, refusal},
        sheet::Sheet,
        show::{again, form_page, go, may},
        words::{filled, say},
    },
    service::{TenantDraft, TenantError, TenantFilter, TenantOrder},
};

const PAGE: &str = "tenant.html";

/// The form for a new one.
pub(in crate::pages) async fn show_new(call: Call) -> Result<Reply, Problem> {
    let parent = &call.caller()?.account.tenant.name;
    let sheet = Sheet::new().with("parent", parent.as_str()).with("active", true);
    form_page(&call, PAGE, &sheet, own(&call, None, "").await?)
}

/// One that is there.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let node = named(&call).await?;
    let parent = node.parent.as_ref().map(|parent| parent.name.clone()).unwrap_or_default();
    let sheet = Sheet::new()
        .with("name", node.tenant.name.as_str())
        .with("parent", parent)
        .with("active", node.active);
    form_page(&call, PAGE, &sheet, own(&call, Some(&node), &known(node.last_updated)).await?)
}

async fn named(call: &Call) -> Result<TenantNode, Problem> {
    let filter = TenantFilter { id: Some(number(call)?), ..TenantFilter::default() };
    let slice = Slice::all_by(TenantOrder::Id);
    let mut found = call.site.services.tenants.list(actor(call)?, &filter, &slice).await?;
    found.pop().ok_or_else(|| Problem::not_found("no such tenant within reach"))
}

async fn own(call: &Call, node: Option<&TenantNode>, known: &str) -> Result<Value, Problem> {
    let caller = call.caller()?;
    let fixed = node.is_some_and(|node| node.parent.is_none());
    let needed = if node.is_some() { &UPDATE_TENANTS } else { &CREATE_TENANTS };
    Ok(context! {
        id => node.map(|node| node.tenant.id.0),
        name => node.map(|node| &node.tenant.name),
        known,
        tenants => choices::tenants(call).await?,
        fixed,
        may_save => !fixed && may(caller, needed),
        may_remove => !fixed && node.is_some() && may(caller, &DELETE_TENANTS),
    })
}

/// Makes a tenant.
pub(in crate::pages) async fn create(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let mut sheet = typed(&form);
    if let Some(draft) = read(&call, &form, &mut sheet).await? {
        match call.site.services.tenants.create(errand(&call)?, &draft).await {
            Ok(_) => return Ok(go("/tenants?notice=tenant_saved")),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call, None, "").await?)
}

/// Changes it, or moves it with all below it.
pub(in crate::pages) async fn update(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let node = named(&call).await?;
    let mut sheet = typed(&form);
    if let Some(draft) = read(&call, &form, &mut sheet).await? {
        let tenants = &call.site.services.tenants;
        match tenants.update(errand(&call)?, node.tenant.id, &draft, precondition(&form)).await {
            Ok(_) => return Ok(go("/tenants?notice=tenant_saved")),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call, Some(&node), form.text("known")).await?)
}

/// Removes it, if nothing belongs to it.
pub(in crate::pages) async fn remove(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let id = named(&call).await?.tenant.id;
    match call.site.services.tenants.remove(errand(&call)?, id).await {
        Ok(()) => Ok(go("/tenants?notice=tenant_removed")),
        Err(error) => Err(told(error).alone()),
    }
}

fn typed(form: &Form) -> Sheet {
    Sheet::typed(form, &["name", "parent"]).with("active", form.has("active"))
}

async fn read(call: &Call, form: &Form, sheet: &mut Sheet) -> Result<Option<TenantDraft>, Problem> {
    let name = Label::parse(form.text("name").trim()).map_err(|_| say("faults.tenant_name_wanted"));
    let name = sheet.check("name", name);
    let parent = sheet.check("parent", choices::tenant(call, form, "parent").await?);
    let active = form.has("active");
    Ok(name.zip(parent).map(|(name, parent)| TenantDraft { name, active, parent }))
}

fn told(error: TenantError) -> Told {
    match error {
        TenantError::Internal(fault) => Told::Alone(fault.into()),
        TenantError::NoSuchTenant => Told::Alone(Problem::not_found("no such tenant")),
        TenantError::Modified => Told::Alone(changed()),
        TenantError::Root => Told::Alone(refusal(StatusCode::CONFLICT, say("faults.tenant_root"))),
        TenantError::OutOfReach => Told::Beside("parent", say("faults.tenant_out_of_reach")),
        TenantError::UnderItself => Told::Beside("parent", say("faults.tenant_under_itself")),
        TenantError::NameTaken => Told::Beside("name", say("faults.tenant_name_taken")),
        TenantError::HeldBy(table) => {
            Told::Beside("name", filled(&say("faults.in_use"), &[("table", &table)]))
        }
    }
}
