//! What a provider says about itself, read from its schema answers.

use std::collections::{BTreeMap, HashMap};

use crate::proto;
use crate::state::State;
use crate::value::{self, ObjectType, Type, Value};

/// Everything that a provider serves but its functions.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    /// The provider's own configuration.
    pub provider: Block,
    /// Managed resources by type name.
    pub resources: BTreeMap<String, ResourceSchema>,
    /// Data sources.
    pub data_sources: BTreeMap<String, Block>,
    /// Ephemeral resources.
    pub ephemeral: BTreeMap<String, Block>,
    /// List resources.
    pub lists: BTreeMap<String, Block>,
    /// Actions.
    pub actions: BTreeMap<String, Block>,
    /// What the provider offers to core.
    pub capabilities: proto::ServerCapabilities,
}

/// A managed resource.
#[derive(Debug, Clone, Default)]
pub struct ResourceSchema {
    /// The schema version, which core keeps with each state.
    pub version: i64,
    /// The attributes.
    pub block: Block,
    /// The identity, where the resource has one and the CLI asked for it.
    pub identity: Option<IdentitySchema>,
}

/// The identity of a managed resource.
#[derive(Debug, Clone)]
pub struct IdentitySchema {
    /// The identity schema's version.
    pub version: i64,
    /// The type of an identity.
    pub ty: Type,
}

/// Attributes by name. This provider has no nested blocks, and a schema with one is refused.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// The attributes.
    pub attributes: BTreeMap<String, Attribute>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its type; for a nested type what follows from it.
    pub ty: Type,
    /// It must be configured.
    pub required: bool,
    /// It may be configured.
    pub optional: bool,
    /// The provider may give it a value.
    pub computed: bool,
    /// Its value is not shown.
    pub sensitive: bool,
    /// Its value is never kept.
    pub write_only: bool,
}

impl Schemas {
    /// Reads the answer to `GetProviderSchema`.
    pub fn read(answer: &proto::get_provider_schema::Response) -> Result<Schemas, String> {
        let blocks = |schemas: &HashMap<String, proto::Schema>| {
            let schemas = schemas.iter();
            schemas
                .map(|(name, schema)| Ok((name.clone(), read_schema(name, Some(schema))?)))
                .collect::<Result<BTreeMap<_, _>, String>>()
        };
        let resources = answer.resource_schemas.iter().map(|(name, schema)| {
            let resource = ResourceSchema {
                version: schema.version,
                block: read_schema(name, Some(schema))?,
                identity: None,
            };
            Ok((name.clone(), resource))
        });
        let actions = answer.action_schemas.iter();
        let actions =
            actions.map(|(name, it)| Ok((name.clone(), read_schema(name, it.schema.as_ref())?)));
        Ok(Schemas {
            provider: match &answer.provider {
                None => Block::default(),
                schema => read_schema("provider", schema.as_ref())?,
            },
            resources: resources.collect::<Result<_, String>>()?,
            data_sources: blocks(&answer.data_source_schemas)?,
            ephemeral: blocks(&answer.ephemeral_resource_schemas)?,
            lists: blocks(&answer.list_resource_schemas)?,
            actions: actions.collect::<Result<_, String>>()?,
            capabilities: answer.server_capabilities.unwrap_or_default(),
        })
    }

    /// Adds the answer to `GetResourceIdentitySchemas`.
    pub fn add_identities(
        &mut self,
        answer: &proto::get_resource_identity_schemas::Response,
    ) -> Result<(), String> {
        for (name, schema) in &answer.identity_schemas {
            let resource = self
                .resources
                .get_mut(name)
                .ok_or_else(|| format!("{name} has an identity schema and no schema"))?;
            let mut types = Vec::new();
            for attribute in &schema.identity_attributes {
                if attribute.required_for_import == attribute.optional_for_import {
                    return Err(format!(
                        "identity of {name}, {}: either required or optional for import",
                        attribute.name
                    ));
                }
                types.push((attribute.name.as_str(), read_type(&attribute.r#type)?));
            }
            resource.identity = Some(IdentitySchema {
                version: schema.version,
                ty: Type::Object(ObjectType::new(types)),
            });
        }
        Ok(())
    }
}

impl ResourceSchema {
    /// A state of this schema's versions.
    pub fn state(&self, value: Value, private: Vec<u8>, identity: Value) -> State {
        State {
            value,
            private,
            identity,
            version: self.version,
            identity_version: self.identity.as_ref().map_or(0, |i| i.version),
            tainted: false,
            raw: None,
        }
    }
}

impl Block {
    fn object_type(&self) -> ObjectType {
        let attributes = self.attributes.iter();
        ObjectType::new(attributes.map(|(name, attribute)| (name.as_str(), attribute.ty.clone())))
    }

    /// The object type that follows from the block.
    pub fn ty(&self) -> Type {
        Type::Object(self.object_type())
    }

    /// The object of a configuration written as JSON: what is left out is null, and what the schema
    /// lacks is an error.
    pub fn object(&self, json: &serde_json::Value) -> Result<Value, String> {
        value::object(json, &self.object_type())
    }

    /// Decodes an object of this block from the wire. An absent value is null.
    pub fn decode(&self, value: Option<&proto::DynamicValue>) -> Result<Value, String> {
        decode(value, &self.ty())
    }
}

/// Decodes a value of `ty` from the wire. An absent value is null.
pub fn decode(value: Option<&proto::DynamicValue>, ty: &Type) -> Result<Value, String> {
    match value.map(|value| value.msgpack.as_slice()) {
        None | Some([]) => Ok(Value::Null),
        Some(msgpack) => Value::from_msgpack(msgpack, ty).map_err(|e| e.to_string()),
    }
}

/// Encodes a value of `ty` for the wire, as core does: always msgpack.
pub fn encode(value: &Value, ty: &Type) -> Result<proto::DynamicValue, String> {
    Ok(proto::DynamicValue {
        msgpack: value.to_msgpack(ty).map_err(|e| e.to_string())?,
        json: Vec::new(),
    })
}

fn read_type(json: &[u8]) -> Result<Type, String> {
    Type::from_json(json).map_err(|e| e.to_string())
}

fn read_schema(name: &str, schema: Option<&proto::Schema>) -> Result<Block, String> {
    let block = schema
        .and_then(|schema| schema.block.as_ref())
        .ok_or_else(|| format!("{name}: the schema has no block"))?;
    if !block.block_types.is_empty() {
        return Err(format!(
            "{name}: nested blocks, of which the rules here know nothing"
        ));
    }
    let attributes = read_attributes(&block.attributes).map_err(|e| format!("{name}.{e}"))?;
    Ok(Block { attributes })
}

fn read_attributes(
    attributes: &[proto::schema::Attribute],
) -> Result<BTreeMap<String, Attribute>, String> {
    let mut read = BTreeMap::new();
    for attribute in attributes {
        let name = &attribute.name;
        let parsed = read_attribute(attribute).map_err(|e| format!("{name}: {e}"))?;
        if read.insert(name.clone(), parsed).is_some() {
            return Err(format!("{name}: declared twice"));
        }
    }
    Ok(read)
}

/// Reads one attribute, and refuses what core's own check of schemas refuses.
fn read_attribute(attribute: &proto::schema::Attribute) -> Result<Attribute, String> {
    use proto::schema::object::NestingMode;
    let ty = match (&attribute.nested_type, attribute.r#type.is_empty()) {
        (None, false) => read_type(&attribute.r#type)?,
        (Some(object), true) => {
            let attributes = read_attributes(&object.attributes)?;
            let types = attributes
                .iter()
                .map(|(name, it)| (name.as_str(), it.ty.clone()));
            let object_type = Type::Object(ObjectType::new(types));
            match object.nesting() {
                NestingMode::Single => object_type,
                NestingMode::List => Type::List(Box::new(object_type)),
                NestingMode::Set => Type::Set(Box::new(object_type)),
                NestingMode::Map => Type::Map(Box::new(object_type)),
                NestingMode::Invalid => return Err("invalid nesting".to_owned()),
            }
        }
        (Some(_), false) => return Err("both a type and a nested type".to_owned()),
        (None, true) => return Err("neither a type nor a nested type".to_owned()),
    };
    if !(attribute.required || attribute.optional || attribute.computed) {
        return Err("must be required, optional or computed".to_owned());
    }
    if attribute.required && (attribute.optional || attribute.computed) {
        return Err("required, and optional or computed too".to_owned());
    }
    if attribute.write_only && attribute.computed {
        return Err("write-only and computed".to_owned());
    }
    Ok(Attribute {
        ty,
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
    })
}

/// The webhook's schema, for the tests of this crate.
#[cfg(test)]
pub(crate) mod fixtures {
    use super::{Attribute, Block};
    use crate::value::Type;

    pub(crate) fn webhook() -> Block {
        // Required, optional, computed, sensitive, write-only.
        let attributes = [
            ("id", Type::String, "c"),
            ("url", Type::String, "r"),
            ("verify_tls", Type::Bool, "oc"),
            ("signing_key", Type::String, "os"),
            ("signing_key_wo", Type::String, "osw"),
        ];
        let attributes = attributes.map(|(name, ty, kind)| {
            let attribute = Attribute {
                ty,
                required: kind.contains('r'),
                optional: kind.contains('o'),
                computed: kind.contains('c'),
                sensitive: kind.contains('s'),
                write_only: kind.contains('w'),
            };
            (name.to_owned(), attribute)
        });
        Block {
            attributes: attributes.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str) -> proto::schema::Attribute {
        proto::schema::Attribute {
            name: name.to_owned(),
            r#type: b"\"string\"".to_vec(),
            optional: true,
            ..Default::default()
        }
    }

    #[test]
    fn schemas_that_core_refuses_are_refused() {
        let bad = [
            proto::schema::Attribute {
                optional: false,
                ..attribute("neither")
            },
            proto::schema::Attribute {
                required: true,
                ..attribute("both")
            },
            proto::schema::Attribute {
                computed: true,
                write_only: true,
                ..attribute("wo")
            },
            proto::schema::Attribute {
                r#type: Vec::new(),
                ..attribute("untyped")
            },
            proto::schema::Attribute {
                nested_type: Some(proto::schema::Object::default()),
                ..attribute("doubly")
            },
        ];
        for attribute in bad {
            assert!(
                read_attributes(std::slice::from_ref(&attribute)).is_err(),
                "{attribute:?}"
            );
        }
        assert!(read_attributes(&[attribute("a"), attribute("a")]).is_err());
        assert!(read_attributes(&[attribute("a"), attribute("b")]).is_ok());
    }
}
