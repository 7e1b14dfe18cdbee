//! The id of a webhook, out of a response of which nothing else can be parsed. Losing it would orphan the webhook.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use crate::immuta::webhook_id::WebhookId;

/// Finds the `id` of the outermost object, or of the one in its `recipient`, also when the text is truncated or
/// malformed after it.
pub(crate) fn recover_id(body: &[u8]) -> Option<WebhookId> {
    [None, Some("recipient")].into_iter().find_map(|wrapper| {
        let mut id = None;
        let mut json = serde_json::Deserializer::from_slice(body);
        // The error is why this is needed; what came before it counts.
        let _ = (IdOf {
            wrapper,
            id: &mut id,
        })
        .deserialize(&mut json);
        WebhookId::parse(&id?).ok()
    })
}

struct IdOf<'a> {
    /// The field that holds the object, if it is not the outermost one.
    wrapper: Option<&'static str>,
    id: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for IdOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IdOf<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with an id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.wrapper {
                Some(wrapper) if key == wrapper => map.next_value_seed(IdOf {
                    wrapper: None,
                    id: self.id,
                })?,
                None if key == "id" => *self.id = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_found_in_what_is_left() {
        for (body, id) in [
            (r#"{"id":"a","url":5}"#, Some("a")),
            (
                r#"{"url":"https://h.example","id":"a","verifyTls":tr"#,
                Some("a"),
            ),
            (r#"{"webhook":{"id":"b"},"id":"a""#, Some("a")),
            (r#"{"id":"a"} trailing"#, Some("a")),
            (r#"{"webhook":{"id":"b"}"#, None),
            (r#"{"recipient":{"url":"u","id":"a","x":"#, Some("a")),
            (r#"{"recipient":{"id":"b"},"id":"a""#, Some("a")),
            (r#"{"recipient":5,"id":"a""#, Some("a")),
            (r#"{"recipient":{"recipient":{"id":"b"}}"#, None),
            (r#"{"id":"a"#, None),
            (r#"{"id":5}"#, None),
            (r#"{"id":""}"#, None),
            (r#"{"id":"../x"}"#, None),
            (r#"[{"id":"a"}]"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(
                recover_id(body.as_bytes()).as_ref().map(WebhookId::as_str),
                id,
                "{body}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body in any::<Vec<u8>>()) {
            let _ = recover_id(&body);
        }
    }
}
