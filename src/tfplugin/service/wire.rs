//! Between messages and values: what every RPC does at its two ends.

use bytes::Bytes;

use crate::tfplugin::{
    containment::contain,
    diagnostics::Diagnostic,
    model::{Model, Private},
    proto,
    schema::Schema,
    value::{self, Object, ObjectType, Type, Value},
};

/// A schema with what is derived from it, made once.
pub(crate) struct Shape {
    pub(crate) schema: Schema,
    pub(crate) value_type: Type,
}

impl Shape {
    pub(crate) fn new(schema: Schema) -> Self {
        let value_type = Type::Object(schema.object_type());
        Self { schema, value_type }
    }

    /// The tree of a message. An absent value is null.
    pub(crate) fn decode(&self, message: Option<proto::DynamicValue>) -> Result<Value, Diagnostic> {
        decode(message, &self.value_type)
    }

    /// The tree of a configuration. Core sends an object even where nothing is written; a null one
    /// counts as that.
    pub(crate) fn decode_config(
        &self,
        message: Option<proto::DynamicValue>,
    ) -> Result<Value, Diagnostic> {
        Ok(match self.decode(message)? {
            Value::Null => Value::Object(Object::nulls(&self.schema.object_type())),
            config => config,
        })
    }

    /// The message of a tree.
    pub(crate) fn encode(&self, tree: &Value) -> Result<proto::DynamicValue, Diagnostic> {
        encode(tree, &self.value_type)
    }

    /// The model of a tree, by move.
    pub(crate) fn model<M: Model>(&self, tree: Value) -> Result<M, Diagnostic> {
        model(tree)
    }

    /// The tree of a model.
    pub(crate) fn tree<M: Model>(&self, model: &M) -> Result<Value, Diagnostic> {
        value::to_value(model, &self.value_type).map_err(Diagnostic::bug)
    }
}

/// Whether a message is null. It is not decoded for that.
pub(crate) fn is_null(message: Option<&proto::DynamicValue>) -> bool {
    const NIL: &[u8] = &[0xc0];
    match message {
        None => true,
        Some(message) if !message.msgpack.is_empty() => *message.msgpack == *NIL,
        Some(message) => message.json.is_empty() || message.json.trim_ascii() == b"null",
    }
}

/// The model of a tree, by move.
pub(crate) fn model<M: Model>(tree: Value) -> Result<M, Diagnostic> {
    value::from_value(tree).map_err(Diagnostic::bug)
}

pub(crate) fn decode(
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
    decoded.map_err(|error| {
        Diagnostic::error(
            "Message of the CLI not understood",
            format!("A value in the request does not match the provider's schema: {error}."),
        )
    })
}

pub(crate) fn encode(tree: &Value, value_type: &Type) -> Result<proto::DynamicValue, Diagnostic> {
    let msgpack = tree.to_msgpack(value_type).map_err(Diagnostic::bug)?;
    Ok(proto::DynamicValue {
        msgpack: msgpack.into(),
        json: Bytes::new(),
    })
}

pub(crate) fn null(value_type: &Type) -> Option<proto::DynamicValue> {
    encode(&Value::Null, value_type).ok()
}

pub(crate) fn identity_message<I: Model>(
    identity: &I,
    shape: &ObjectType,
) -> Result<proto::ResourceIdentityData, Diagnostic> {
    let value_type = Type::Object(shape.clone());
    let tree = value::to_value(identity, &value_type).map_err(Diagnostic::bug)?;
    Ok(proto::ResourceIdentityData {
        identity_data: Some(encode(&tree, &value_type)?),
    })
}

/// Private data is the provider's own; what cannot be read is of another version, and dropped.
pub(crate) fn read_private<P: Private>(bytes: &[u8]) -> P {
    serde_json::from_slice(bytes).unwrap_or_default()
}

pub(crate) fn write_private<P: Private>(private: &P) -> Result<Bytes, Diagnostic> {
    serde_json::to_vec(private)
        .map(Bytes::from)
        .map_err(Diagnostic::bug)
}

/// Diagnostics as a message carries them.
pub(crate) fn messages(
    diagnostics: impl IntoIterator<Item = Diagnostic>,
) -> Vec<proto::Diagnostic> {
    diagnostics.into_iter().map(Into::into).collect()
}

/// Runs a check and gives what it found, be it a panic.
pub(super) async fn contained(
    rpc: &'static str,
    check: impl Future<Output = Result<Vec<Diagnostic>, Diagnostic>>,
) -> Vec<proto::Diagnostic> {
    let found = contain(rpc, check).await.and_then(|checked| checked);
    messages(found.unwrap_or_else(|error| vec![error]))
}
