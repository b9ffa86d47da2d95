//! What a form shows: the values that were typed, and what is wrong with them.

use std::collections::BTreeMap;

use minijinja::{Value, context};

/// A form as it is shown.
#[derive(Default)]
pub(super) struct Sheet {
    values: BTreeMap<&'static str, Value>,
    faults: Vec<(&'static str, String)>,
    held: Option<String>,
}

impl Sheet {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a value in a field.
    pub fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(field, value.into());
        self
    }

    /// Notes what is wrong with a field. The summary above the form shows it too, and links to the field.
    pub fn fault(&mut self, field: &'static str, text: impl Into<String>) {
        self.faults.push((field, text.into()));
    }

    /// The same with a fault.
    pub fn faulty(mut self, field: &'static str, text: impl Into<String>) -> Self {
        self.fault(field, text);
        self
    }

    /// The same, refused as a whole for a while, with the words for it: no field is to blame.
    pub fn held(mut self, text: impl Into<String>) -> Self {
        self.held = Some(text.into());
        self
    }

    /// Notes what is wrong if something is, and hands out what is right.
    pub fn check<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|text| self.fault(field, text)).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// For templates.
    pub fn shown(&self) -> Value {
        let faults: Vec<_> =
            self.faults.iter().map(|(field, text)| context! { field => *field, text }).collect();
        // The first fault of a field stands beside it.
        let by_field = self.faults.iter().rev().map(|(field, text)| (*field, text.as_str()));
        let values = self.values.iter().map(|(field, value)| (*field, value.clone()));
        let held = self.held.as_deref();
        context! { values => Value::from_pairs(values), faults, fault => Value::from_pairs(by_field), held }
    }
}
