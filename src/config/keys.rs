//! Every key that the configuration knows, found by asking its types: so nobody has to keep a list of them.

use std::fmt;

use serde::{
    Deserialize as _, Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer as _, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use super::Config;

/// All keys with their sections, as in `session.at_most`, in the order of the types.
pub(super) fn known() -> Vec<String> {
    let mut keys = Vec::new();
    walk(&mut Vec::new(), &mut keys);
    keys
}

fn walk(path: &mut Vec<&'static str>, keys: &mut Vec<String>) {
    match Config::deserialize(Probe { path }) {
        Err(Found::Section(fields)) => {
            for field in fields {
                path.push(field);
                walk(path, keys);
                path.pop();
            }
        }
        Ok(_) | Err(Found::Value) => keys.push(path.join(".")),
    }
}

/// A configuration in which nothing stands but one path. What its end is asked to be tells what is there; that is
/// brought back as an error, so that no value has to be made up.
struct Probe<'a> {
    path: &'a [&'static str],
}

/// What the end of a path is.
#[derive(Debug)]
enum Found {
    Section(&'static [&'static str]),
    Value,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end of a path")
    }
}

impl std::error::Error for Found {}

impl de::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        Err(Found::Value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Found> {
        match self.path {
            [] => Err(Found::Section(fields)),
            [first, rest @ ..] => visitor.visit_map(Lone(Some(first), Probe { path: rest })),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Found> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_seq(Lone(Some(&""), self))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// The one entry of a section, or the one element of a list.
struct Lone<'a>(Option<&'a &'static str>, Probe<'a>);

impl Lone<'_> {
    fn probe(&self) -> Probe<'_> {
        Probe { path: self.1.path }
    }
}

impl<'de> MapAccess<'de> for Lone<'_> {
    type Error = Found;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Found> {
        self.0.take().map(|key| seed.deserialize((*key).into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Found> {
        seed.deserialize(self.probe())
    }
}

impl<'de> SeqAccess<'de> for Lone<'_> {
    type Error = Found;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Found> {
        match self.0.take() {
            Some(_) => seed.deserialize(self.probe()).map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_all_depths_are_found_and_each_once() {
        let keys = known();
        for key in [
            "listen",
            "log.format",
            "session.secrets",
            "dialects.timeslot.mount",
            "mail.smtp.host",
            "mail.relay.host",
        ] {
            assert!(keys.iter().any(|known| known == key), "{key} is not among {keys:?}");
        }
        let mut once = keys.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), keys.len());
    }
}
