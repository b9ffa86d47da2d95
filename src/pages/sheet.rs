//! What a form shows: the values that were typed, and what is wrong with them.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::form::Form;

/// A form as it is shown.
#[derive(Default)]
pub(super) struct Sheet {
    values: BTreeMap<&'static str, Value>,
    faults: Vec<(&'static str, String)>,
    /// Fields that are wrong too, each by the fault of another one.
    marked: BTreeMap<&'static str, &'static str>,
    whole: Option<(String, String)>,
}

impl Sheet {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// The form with what was typed into these fields.
    pub fn typed(form: &Form, fields: &[&'static str]) -> Self {
        fields.iter().fold(Self::new(), |sheet, field| sheet.with(field, form.text(field)))
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

    /// Marks a field that is wrong too, and that the fault of another one is about.
    pub fn mark(&mut self, field: &'static str, with: &'static str) {
        self.marked.insert(field, with);
    }

    /// The same, refused as a whole, with a title and the words for it: no single field is to blame, so the summary
    /// alone says it.
    pub fn refused(mut self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.whole = Some((title.into(), text.into()));
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
        let marked = self.marked.iter().map(|(field, with)| (*field, *with));
        let whole = self.whole.as_ref().map(|(title, text)| context! { title, text });
        context! {
            values => Value::from_pairs(values),
            faults,
            fault => Value::from_pairs(by_field),
            marked => Value::from_pairs(marked),
            whole,
        }
    }
}
