//! An account as a client describes it: all of it at once.
//!
//! Order and texts: fact sheet Traffic Ops §1.9, §1.11, §2.2. What is wrong is told together and always in one order
//! (§11-28).

use zeroize::Zeroizing;

use crate::{
    api::{
        fields::{Fields, Given, Misread},
        problem::Problem,
    },
    domain::{
        Account, EmailAddress, EmailRefused, Password, PasswordContext, PasswordRefused, Profile,
        RefusedWords, RoleId, TenantId, Username,
    },
    service::{LeftOut, RoleChoice},
};

/// How a version names a role.
#[derive(Clone, Copy)]
pub(super) enum RoleField {
    /// By identity: 3.x.
    Id,
    /// By name: 4.0 and later.
    Name,
}

/// What was sent, of the right kinds, and not checked any further.
pub(super) struct Sent {
    username: String,
    email: String,
    full_name: String,
    role: Option<RoleChoice>,
    tenant: i64,
    profile: Profile,
    password: Option<Zeroizing<String>>,
    ucdn: Given<String>,
    new_user: Option<bool>,
    left_out: LeftOut,
    /// The address that the account has already, which need not be judged again.
    present_email: Option<EmailAddress>,
}

/// A whole account, checked.
pub(super) struct Whole {
    pub username: Username,
    pub email: EmailAddress,
    pub full_name: String,
    pub role: RoleChoice,
    pub tenant: TenantId,
    pub profile: Profile,
    pub password: Option<Password>,
    pub ucdn: String,
    pub new_user: Option<bool>,
    pub left_out: LeftOut,
}

impl Sent {
    /// Reads the fields; `own` is the account that is replaced, where the client is its holder.
    pub(super) fn read(fields: &Fields, role: RoleField, own: Option<&Account>) -> Result<Self, Misread> {
        check_kinds(fields, role)?;
        let text = |field| fields.stored_text(field).map(|given| given.value().unwrap_or_default());
        let ids = own.map(|own| &own.profile);
        let present = Profile {
            gid: ids.and_then(|ids| ids.gid),
            uid: ids.and_then(|ids| ids.uid),
            ..Profile::default()
        };
        let ucdn = fields.stored_text("ucdn")?;
        Ok(Self {
            username: text("username")?,
            email: text("email")?,
            full_name: text("fullName")?,
            role: role.read(fields)?,
            tenant: fields.integer("tenantId")?.value().unwrap_or_default(),
            profile: profile(fields, &present)?,
            password: fields.text("localPasswd")?.value().map(Zeroizing::new),
            new_user: fields.truth("newUser")?.value(),
            left_out: LeftOut {
                gid: fields.integer("gid")? == Given::Absent,
                uid: fields.integer("uid")? == Given::Absent,
                ucdn: !matches!(ucdn, Given::Value(_)),
            },
            ucdn,
            present_email: own.and_then(|own| own.email.clone()),
        })
    }

    /// Holds all of it against the rules.
    pub(super) fn checked(self, refused: &RefusedWords) -> Result<Whole, Problem> {
        let mut broken: Vec<String> = Vec::new();
        let password = self.password(refused).map_err(|text| broken.push(text.to_owned())).ok();
        let email = self.email().map_err(|text| broken.push(text.to_owned())).ok();
        let mut blank = |field: &str, is_blank: bool| {
            if is_blank {
                broken.push(format!("'{field}' cannot be blank"));
            }
        };
        blank("fullName", self.full_name.is_empty());
        blank("role", self.role.is_none());
        blank("tenantID", self.tenant == 0);
        blank("username", self.username.is_empty() && self.password.is_none());
        let username = Username::parse(&self.username);
        if let (false, Err(refused)) = (self.username.is_empty(), &username) {
            broken.push(format!("'username' is not usable: {refused}"));
        }
        match (broken.is_empty(), password, email, self.role, username) {
            (true, Some(password), Some(email), Some(role), Ok(username)) => Ok(Whole {
                username,
                email,
                full_name: self.full_name,
                role,
                tenant: TenantId(self.tenant),
                profile: self.profile,
                password,
                ucdn: self.ucdn.value().unwrap_or_default(),
                new_user: self.new_user,
                left_out: self.left_out,
            }),
            _ => Err(Problem::bad_request(broken.join(", "))),
        }
    }

    fn password(&self, refused: &RefusedWords) -> Result<Option<Password>, &'static str> {
        let Some(text) = &self.password else { return Ok(None) };
        if self.username.is_empty() {
            return Err("Your username cannot be blank.");
        }
        let about = PasswordContext {
            username: Some(&self.username),
            email: Some(&self.email),
            full_name: Some(&self.full_name),
            refused: Some(refused),
        };
        Password::parse(text, &about).map(Some).map_err(password_refused)
    }

    fn email(&self) -> Result<EmailAddress, &'static str> {
        if let Some(present) = self.present_email.as_ref().filter(|present| present.as_str() == self.email) {
            return Ok(present.clone());
        }
        EmailAddress::parse(&self.email).map_err(|refused| match refused {
            EmailRefused::Blank => "'email' cannot be blank",
            EmailRefused::TooLong | EmailRefused::Malformed => "'email' must be a valid email address",
        })
    }
}

impl RoleField {
    /// The role; `None` where it is left out, or as good as.
    pub(super) fn read(self, fields: &Fields) -> Result<Option<RoleChoice>, Misread> {
        Ok(match self {
            Self::Id => {
                let id = fields.integer("role")?.value().filter(|id| *id != 0);
                id.map(|id| RoleChoice::Id(RoleId(id)))
            }
            Self::Name => {
                let name = fields.stored_text("role")?.value().filter(|name| !name.is_empty());
                name.map(RoleChoice::Name)
            }
        })
    }
}

/// The free fields: what is left out stays as it is, what is `null` is cleared.
pub(super) fn profile(fields: &Fields, present: &Profile) -> Result<Profile, Misread> {
    let text = |field, present: &Option<String>| Ok(fields.stored_text(field)?.over(present.clone()));
    Ok(Profile {
        address_line1: text("addressLine1", &present.address_line1)?,
        address_line2: text("addressLine2", &present.address_line2)?,
        city: text("city", &present.city)?,
        company: text("company", &present.company)?,
        country: text("country", &present.country)?,
        gid: fields.integer("gid")?.over(present.gid),
        phone_number: text("phoneNumber", &present.phone_number)?,
        postal_code: text("postalCode", &present.postal_code)?,
        public_ssh_key: fields.stored_lines("publicSshKey")?.over(present.public_ssh_key.clone()),
        state_or_province: text("stateOrProvince", &present.state_or_province)?,
        uid: fields.integer("uid")?.over(present.uid),
    })
}

/// The contract's texts, and our own where it has none (fact sheet Traffic Ops §2.2).
pub(super) fn password_refused(refused: PasswordRefused) -> &'static str {
    match refused {
        PasswordRefused::TooShort { .. } => "Password must be greater than 7 characters.",
        PasswordRefused::TooLong => "Password must be at most 1024 bytes.",
        PasswordRefused::IsUsername => "Your password cannot be your username.",
        PasswordRefused::IsEmail => "Your password cannot be your email address.",
        PasswordRefused::IsFullName => "Your password cannot be your name.",
        PasswordRefused::TooCommon => "Password is too common.",
    }
}

/// Fields that are ignored, but must be of their kind if they are sent. 3.x takes its times as anything.
fn check_kinds(fields: &Fields, role: RoleField) -> Result<(), Misread> {
    fields.integer("id")?;
    fields.text("tenant")?;
    match role {
        RoleField::Id => Ok(()),
        RoleField::Name => {
            fields.integer("changeLogCount")?;
            fields.time("lastUpdated")?;
            fields.time("lastAuthenticated")?;
            fields.time("registrationSent").map(drop)
        }
    }
}
