//! Between protocol messages and values: what every RPC does at its two ends.

use bytes::Bytes;

use super::{
    arguments::argument_errors,
    diagnostics::Diagnostic,
    model::{Model, Private},
    panic::catch_panic,
    proto, rules,
    schema::Schema,
    value::{self, Object, ObjectType, Type, Value, ValueErrorKind},
};

/// A schema and its type, by which values are decoded and encoded.
pub(super) struct SchemaCodec {
    pub(super) schema: Schema,
    pub(super) value_type: Type,
}

impl SchemaCodec {
    pub(super) fn new(schema: Schema) -> Self {
        let value_type = Type::Object(schema.object_type());
        Self { schema, value_type }
    }

    /// The value in a message. An absent one is null.
    pub(super) fn decode(&self, message: Option<proto::DynamicValue>) -> Result<Value, Diagnostic> {
        decode(message, &self.value_type)
    }

    /// The value of a configuration. Core sends an object even where nothing is written; a null one
    /// counts as that.
    pub(super) fn decode_config(
        &self,
        message: Option<proto::DynamicValue>,
    ) -> Result<Value, Diagnostic> {
        Ok(match self.decode(message)? {
            Value::Null => Value::Object(Object::nulls(&self.schema.object_type())),
            config => config,
        })
    }

    /// Fails where a required argument is null, or a read-only attribute has a value.
    pub(super) fn check_arguments(&self, config: &Value) -> Result<(), Diagnostic> {
        let found = argument_errors(config, &self.schema.attributes);
        found
            .into_iter()
            .reduce(Diagnostic::and)
            .map_or(Ok(()), Err)
    }

    /// The value of a configuration whose arguments are checked.
    pub(super) fn checked_config(
        &self,
        message: Option<proto::DynamicValue>,
    ) -> Result<Value, Diagnostic> {
        let config = self.decode_config(message)?;
        self.check_arguments(&config)?;
        Ok(config)
    }

    /// The model of a configuration as it is written.
    pub(super) fn config<M: Model>(
        &self,
        message: Option<proto::DynamicValue>,
    ) -> Result<M, Diagnostic> {
        model(self.checked_config(message)?)
    }

    /// The model of a configuration, defaults filled in.
    pub(super) fn config_with_defaults<M: Model>(
        &self,
        message: Option<proto::DynamicValue>,
    ) -> Result<M, Diagnostic> {
        let mut config = self.checked_config(message)?;
        rules::fill_defaults(&mut config, &self.schema.attributes)?;
        model(config)
    }

    /// The message of a value.
    pub(super) fn encode(&self, value: &Value) -> Result<proto::DynamicValue, Diagnostic> {
        encode(value, &self.value_type)
    }

    /// The value of a model.
    pub(super) fn value<M: Model>(&self, model: &M) -> Result<Value, Diagnostic> {
        value::to_value(model, &self.value_type).map_err(Diagnostic::bug)
    }

    /// The message of a model as core may store it: write-only attributes are null, and so is what is
    /// still unknown, which is a bug of the handler that is reported beside it.
    pub(super) fn encode_result<M: Model>(
        &self,
        model: &M,
    ) -> Result<(proto::DynamicValue, Vec<Diagnostic>), Diagnostic> {
        let mut value = self.value(model)?;
        rules::null_write_only(&mut value, &self.schema.attributes);
        let bugs = rules::null_unknowns(&mut value);
        Ok((self.encode(&value)?, bugs))
    }

    pub(super) fn null(&self) -> Option<proto::DynamicValue> {
        encode(&Value::Null, &self.value_type).ok()
    }
}

/// Whether a message is null. It is not decoded for that.
pub(super) fn is_null(message: Option<&proto::DynamicValue>) -> bool {
    const NIL: &[u8] = &[0xc0];
    match message {
        None => true,
        Some(message) if !message.msgpack.is_empty() => *message.msgpack == *NIL,
        Some(message) => message.json.is_empty() || message.json.trim_ascii() == b"null",
    }
}

/// The model of a value, by move. A number that its field cannot hold is the user's mistake; whatever else
/// does not fit is the provider's.
pub(super) fn model<M: Model>(value: Value) -> Result<M, Diagnostic> {
    value::from_value(value).map_err(|error| match error.kind().required() {
        Some(required) => {
            let path = error.path();
            Diagnostic::error("Invalid value", format!("{path} must be {required}.")).at(path)
        }
        None => Diagnostic::bug(error),
    })
}

/// The model of a stored state, by move. The user wrote none of it, so what does not fit is about no attribute.
pub(super) fn stored_model<M: Model>(value: Value) -> Result<M, Diagnostic> {
    value::from_value(value).map_err(|error| match error.kind().required() {
        Some(required) => Diagnostic::error(
            "State not readable",
            format!(
                "In the stored state, {} must be {required} for this version of the provider. Use the version that wrote it, or remove the resource from the state and import the object by its id.",
                error.path()
            ),
        ),
        None => Diagnostic::bug(error),
    })
}

pub(super) fn decode(
    message: Option<proto::DynamicValue>,
    value_type: &Type,
) -> Result<Value, Diagnostic> {
    let Some(message) = message else {
        return Ok(Value::Null);
    };
    let decoded = if !message.msgpack.is_empty() {
        Value::from_msgpack(&message.msgpack, value_type)
    } else if !message.json.is_empty() {
        Value::from_json(&message.json, value_type)
    } else {
        Ok(Value::Null)
    };
    decoded.map_err(|error| match error.kind() {
        ValueErrorKind::Number(cause) => {
            let path = error.path();
            Diagnostic::error(
                "Invalid value",
                format!("{path} is no supported number: {cause}."),
            )
            .at(path)
        }
        _ => Diagnostic::error(
            "Invalid value received from Terraform",
            format!("A value in the request does not match the provider's schema: {error}."),
        ),
    })
}

pub(super) fn encode(value: &Value, value_type: &Type) -> Result<proto::DynamicValue, Diagnostic> {
    let msgpack = value.to_msgpack(value_type).map_err(Diagnostic::bug)?;
    Ok(proto::DynamicValue {
        msgpack: msgpack.into(),
        json: Bytes::new(),
    })
}

pub(super) fn encode_identity<I: Model>(
    identity: &I,
    identity_type: &ObjectType,
) -> Result<proto::ResourceIdentityData, Diagnostic> {
    let value_type = Type::Object(identity_type.clone());
    let value = value::to_value(identity, &value_type).map_err(Diagnostic::bug)?;
    Ok(proto::ResourceIdentityData {
        identity_data: Some(encode(&value, &value_type)?),
    })
}

/// Private data is the provider's own; what cannot be read is of another version, and dropped.
pub(super) fn decode_private<P: Private>(bytes: &[u8]) -> P {
    serde_json::from_slice(bytes).unwrap_or_default()
}

pub(super) fn encode_private<P: Private>(private: &P) -> Result<Bytes, Diagnostic> {
    serde_json::to_vec(private)
        .map(Bytes::from)
        .map_err(Diagnostic::bug)
}

/// Diagnostics as a message carries them.
pub(super) fn messages(
    diagnostics: impl IntoIterator<Item = Diagnostic>,
) -> Vec<proto::Diagnostic> {
    let each = diagnostics.into_iter().flat_map(Diagnostic::into_each);
    each.map(Into::into).collect()
}

/// What a check of a configuration found. If the check panics, that is what it found.
pub(super) async fn run_check(
    rpc: &'static str,
    check: impl Future<Output = Result<Vec<Diagnostic>, Diagnostic>>,
) -> Vec<proto::Diagnostic> {
    let found = catch_panic(rpc, check).await.and_then(|checked| checked);
    messages(found.unwrap_or_else(|error| vec![error]))
}

/// Responses that can be nothing but an error.
macro_rules! from_diagnostic {
    ($($rpc:ident),* $(,)?) => {
        $(
            impl From<Diagnostic> for proto::$rpc::Response {
                fn from(error: Diagnostic) -> Self {
                    Self {
                        diagnostics: messages([error]),
                        ..Self::default()
                    }
                }
            }
        )*
    };
}

from_diagnostic!(
    generate_resource_config,
    import_resource_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_resource_change,
    read_data_source,
    renew_ephemeral_resource,
    upgrade_resource_identity,
    upgrade_resource_state,
);
