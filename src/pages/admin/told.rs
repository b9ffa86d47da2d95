//! What is said of a refusal: beside the field that is to blame, or on a page of its own.

use http::StatusCode;

use crate::{
    api::problem::Problem,
    pages::{render::refusal, sheet::Sheet},
};

/// What is said of a refusal.
pub(super) enum Told {
    /// Beside a field of the form.
    Beside(&'static str, String),
    /// On a page of its own: no field is to blame.
    Alone(Problem),
}

impl Told {
    /// Notes it in the form, where a field is to blame.
    ///
    /// # Errors
    /// The page of its own, where none is.
    pub fn note(self, sheet: &mut Sheet) -> Result<(), Problem> {
        match self {
            Self::Beside(field, text) => {
                sheet.fault(field, text);
                Ok(())
            }
            Self::Alone(problem) => Err(problem),
        }
    }

    /// On a page of its own, where no form was filled in.
    pub fn alone(self) -> Problem {
        match self {
            Self::Beside(_, text) => refusal(StatusCode::CONFLICT, text),
            Self::Alone(problem) => problem,
        }
    }
}
