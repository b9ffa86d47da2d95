//! What the query of a list asks for: filters, order, part.
//!
//! Rules and texts: fact sheet Traffic Ops §1.10. Parameters that the contract does not know are ignored, and so
//! are `offset` and `page` without a `limit`.

use crate::{
    api::{call::Call, problem::Problem},
    domain::Slice,
};

/// Why a list can't be asked for so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadQuery {
    #[error("{0} cannot parse to integer")]
    Integer(&'static str),
    #[error("{0} cannot parse to boolean")]
    Truth(&'static str),
    #[error("{0} cannot contain control characters")]
    Control(&'static str),
    #[error("limit parameter must be bigger than -1")]
    Limit,
    #[error("offset parameter must be a positive integer")]
    Offset,
    #[error("page parameter must be a positive integer")]
    Page,
    /// All members are on the first page of a list without a limit (fact sheet §11-20).
    #[error("page parameter must be 1 when all is on one page")]
    OnePage,
}

impl From<BadQuery> for Problem {
    fn from(bad: BadQuery) -> Self {
        Self::bad_request(bad.to_string())
    }
}

/// Reads `orderby`, `sortOrder`, `limit`, `offset` and `page`.
///
/// `orders` are the names that `orderby` may have, the first of them the order of a list that nobody asked another
/// of; by any other name a list is sorted by identity.
pub(super) fn slice<O: Copy>(call: &Call, orders: &[(&str, O)]) -> Result<Slice<O>, BadQuery> {
    read(&|name| call.query(name), orders)
}

pub(super) fn read<O: Copy>(
    query: &impl Fn(&str) -> Option<String>,
    orders: &[(&str, O)],
) -> Result<Slice<O>, BadQuery> {
    let order = match query("orderby") {
        None => orders.first().map(|(_, order)| *order),
        Some(asked) => orders.iter().find(|(name, _)| *name == asked).map(|(_, order)| *order),
    };
    let descending = query("sortOrder").is_some_and(|direction| direction == "desc");
    let (limit, offset) = part(query)?;
    Ok(Slice { order, descending, limit, offset })
}

/// Limit and offset. An offset beats a page.
fn part(query: &impl Fn(&str) -> Option<String>) -> Result<(Option<i64>, i64), BadQuery> {
    let number = |text: String| text.parse::<i64>().ok();
    let Some(limit) = query("limit") else { return Ok((None, 0)) };
    let limit = number(limit).filter(|limit| *limit >= -1).ok_or(BadQuery::Limit)?;
    let offset = match (query("offset"), query("page")) {
        (Some(offset), _) => number(offset).filter(|offset| *offset >= 1).ok_or(BadQuery::Offset)?,
        (None, Some(page)) => {
            let page = number(page).filter(|page| *page >= 1).ok_or(BadQuery::Page)?;
            match limit {
                -1 if page > 1 => return Err(BadQuery::OnePage),
                -1 => 0,
                limit => (page - 1).saturating_mul(limit),
            }
        }
        (None, None) => 0,
    };
    Ok((Some(limit).filter(|limit| *limit >= 0), offset))
}

/// A filter that is a whole number.
pub(super) fn integer(call: &Call, name: &'static str) -> Result<Option<i64>, BadQuery> {
    call.query(name).map(|text| text.parse().map_err(|_| BadQuery::Integer(name))).transpose()
}

/// A filter that is a truth value, in any of PostgreSQL's spellings.
pub(super) fn truth(call: &Call, name: &'static str) -> Result<Option<bool>, BadQuery> {
    call.query(name).map(|text| spelled(&text).ok_or(BadQuery::Truth(name))).transpose()
}

fn spelled(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A filter that is a text. Nothing that is stored holds control characters, so nothing is found by them.
pub(super) fn text(call: &Call, name: &'static str) -> Result<Option<String>, BadQuery> {
    match call.query(name) {
        Some(text) if text.chars().any(char::is_control) => Err(BadQuery::Control(name)),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::call::parameter;

    const ORDERS: [(&str, u8); 2] = [("name", 1), ("id", 2)];

    fn of(query: &str) -> Result<(Option<u8>, bool, Option<i64>, i64), String> {
        let slice = read(&|name| parameter(query, name), &ORDERS).map_err(|bad| bad.to_string())?;
        Ok((slice.order, slice.descending, slice.limit, slice.offset))
    }

    #[test]
    fn an_order_is_one_of_the_list_or_none() {
        assert_eq!(of(""), Ok((Some(1), false, None, 0)));
        assert_eq!(of("orderby=id&sortOrder=desc"), Ok((Some(2), true, None, 0)));
        assert_eq!(of("orderby=id&orderby=name&sortOrder=DESC"), Ok((Some(2), false, None, 0)));
        assert_eq!(of("orderby=capability"), Ok((None, false, None, 0)));
    }

    #[test]
    fn a_part_needs_a_limit_and_an_offset_beats_a_page() {
        assert_eq!(of("limit=5"), Ok((Some(1), false, Some(5), 0)));
        assert_eq!(of("limit=-1"), Ok((Some(1), false, None, 0)));
        assert_eq!(of("limit=-1&offset=3"), Ok((Some(1), false, None, 3)));
        assert_eq!(of("limit=0"), Ok((Some(1), false, Some(0), 0)));
        assert_eq!(of("limit=5&page=3"), Ok((Some(1), false, Some(5), 10)));
        assert_eq!(of("limit=5&page=x&offset=2"), Ok((Some(1), false, Some(5), 2)));
        assert_eq!(of("limit=9&page=9223372036854775807"), Ok((Some(1), false, Some(9), i64::MAX)));
        assert_eq!(of("offset=0&page=x"), Ok((Some(1), false, None, 0)));
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        for limit in ["x", "-2", "", "1.0", "99999999999999999999"] {
            let refused = Err("limit parameter must be bigger than -1".to_owned());
            assert_eq!(of(&format!("limit={limit}")), refused, "{limit}");
        }
        for wrong in ["0", "-1", "x"] {
            let refused = |what| Err(format!("{what} parameter must be a positive integer"));
            assert_eq!(of(&format!("limit=2&offset={wrong}")), refused("offset"), "{wrong}");
            assert_eq!(of(&format!("limit=2&page={wrong}")), refused("page"), "{wrong}");
        }
    }

    #[test]
    fn defect_20_a_second_page_of_a_whole_list_is_refused() {
        assert_eq!(of("limit=-1&page=1"), Ok((Some(1), false, None, 0)));
        assert_eq!(of("limit=-1&page=2"), Err("page parameter must be 1 when all is on one page".to_owned()));
    }

    #[test]
    fn truth_has_many_spellings() {
        assert_eq!(
            [spelled("TRUE"), spelled("f"), spelled("1"), spelled("off")],
            [Some(true), Some(false), Some(true), Some(false)]
        );
        assert_eq!(spelled("maybe"), None);
    }
}
