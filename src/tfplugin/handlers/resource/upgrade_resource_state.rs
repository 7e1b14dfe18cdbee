//! UpgradeResourceState: a stored state, of whatever version of the schema. Core calls it for each one, also
//! for those of the current version.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::{RegisteredResource, unreadable_state};
use crate::tfplugin::{
    diagnostics::Diagnostic,
    panic::catch_panic,
    proto::{DynamicValue, upgrade_resource_state as upgrade},
    resource::Resource,
    rules,
    value::Value,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn upgrade_resource_state(
        &self,
        request: upgrade::Request,
    ) -> upgrade::Response {
        let upgraded = catch_panic("UpgradeResourceState", async { self.try_upgrade(request) });
        match upgraded.await.and_then(|upgraded| upgraded) {
            Ok(state) => upgrade::Response {
                upgraded_state: state,
                diagnostics: Vec::new(),
            },
            Err(error) => error.into(),
        }
    }

    fn try_upgrade(&self, request: upgrade::Request) -> Result<Option<DynamicValue>, Diagnostic> {
        let raw = request.raw_state.unwrap_or_default();
        if raw.json.is_empty() {
            return match raw.flatmap.is_empty() {
                true => Ok(self.codec.null()),
                false => Err(Diagnostic::error(
                    "State too old to upgrade",
                    format!(
                        "The state of this {} was written in the format of Terraform 0.11. This provider never wrote that format. Remove the resource from the state and import the object by its id.",
                        self.resource.type_name()
                    ),
                )),
            };
        }
        let json = if request.version == self.codec.schema.version {
            raw.json
        } else {
            let state = serde_json::from_slice(&raw.json).map_err(unreadable_state)?;
            let upgraded = self.resource.upgrade(request.version, state)?;
            with_every_digit(&raw.json, upgraded)?
        };
        let (mut state, dropped) =
            Value::from_json_lenient(&json, &self.codec.value_type).map_err(unreadable_state)?;
        if state.is_null() {
            return Err(unreadable_state(()));
        }
        if !dropped.is_empty() {
            tracing::debug!(
                ?dropped,
                "the stored state has attributes that the schema lacks"
            );
        }
        rules::null_write_only(&mut state, self.attributes());
        self.codec.encode(&state).map(Some)
    }
}

/// The JSON of an upgraded state. serde_json's own numbers are floats where they are long: a number of 30 digits would be
/// another one in the next plan. So what the upgrade left as it was, under whatever name, has its stored text again.
fn with_every_digit(
    stored: &[u8],
    upgraded: serde_json::Map<String, serde_json::Value>,
) -> Result<Bytes, Diagnostic> {
    let texts: BTreeMap<String, &RawValue> =
        serde_json::from_slice(stored).map_err(unreadable_state)?;
    let stored: Vec<(&String, serde_json::Value, &RawValue)> = texts
        .iter()
        .filter_map(|(name, text)| Some((name, serde_json::from_str(text.get()).ok()?, *text)))
        .collect();
    let members = upgraded.into_iter().map(|(name, value)| {
        let unchanged = || stored.iter().filter(|(_, stored, _)| *stored == value);
        let text = unchanged()
            .find(|(stored_name, ..)| **stored_name == name)
            .or_else(|| unchanged().next());
        let text = match text {
            Some((_, _, text)) => (*text).to_owned(),
            None => serde_json::value::to_raw_value(&value).map_err(Diagnostic::bug)?,
        };
        Ok((name, text))
    });
    let members: BTreeMap<String, Box<RawValue>> = members.collect::<Result<_, Diagnostic>>()?;
    serde_json::to_vec(&members)
        .map(Bytes::from)
        .map_err(Diagnostic::bug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_upgrade_leaves_as_it_was_keeps_its_digits() {
        let stored = br#"{"a":123456789012345678901234567890,"old":[0.1234567890123456789],"c":1}"#;
        let mut upgraded: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(stored).unwrap();
        let renamed = upgraded.remove("old").unwrap();
        upgraded.insert("new".to_owned(), renamed);
        upgraded.insert("c".to_owned(), "1".into());
        let json = with_every_digit(stored, upgraded).unwrap();
        assert_eq!(
            std::str::from_utf8(&json).unwrap(),
            r#"{"a":123456789012345678901234567890,"c":"1","new":[0.1234567890123456789]}"#
        );
    }
}
