//! What a provider says about itself, read from its schema answers.

use std::collections::BTreeMap;

use crate::proto;
use crate::state::State;
use crate::value::{Mismatch, Type, Value, msgpack};

/// Everything that a provider serves.
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
    /// Functions.
    pub functions: BTreeMap<String, Function>,
    /// What the provider offers to core.
    pub capabilities: proto::ServerCapabilities,
}

/// A managed resource.
#[derive(Debug, Clone, Default)]
pub struct ResourceSchema {
    /// The schema version, which core keeps with each state.
    pub version: i64,
    /// The attributes and blocks.
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
    /// The attributes that an import by identity must give.
    pub required_for_import: Vec<String>,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
    /// What further arguments are, if they are allowed.
    pub variadic: Option<Parameter>,
    /// The type of its result.
    pub returns: Type,
}

/// A parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether null may be passed.
    pub allow_null: bool,
    /// Whether unknown may be passed.
    pub allow_unknown: bool,
}

/// Attributes and nested blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// The attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The nested blocks by name.
    pub blocks: BTreeMap<String, NestedBlock>,
}

/// A nested block.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedBlock {
    /// What it holds.
    pub block: Block,
    /// How often it may come.
    pub nesting: Nesting,
}

/// How nested objects come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// At most one object.
    Single,
    /// Like single, but never null.
    Group,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its type; for a nested type what follows from it.
    pub ty: Type,
    /// Its nested attributes, where it is declared by a nested type.
    pub nested: Option<(BTreeMap<String, Attribute>, Nesting)>,
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
    /// What it is for.
    pub description: String,
}

impl Schemas {
    /// Reads the answer to `GetProviderSchema`.
    pub fn read(answer: &proto::get_provider_schema::Response) -> Result<Schemas, String> {
        let blocks = |schemas: &std::collections::HashMap<String, proto::Schema>| {
            schemas
                .iter()
                .map(|(name, schema)| Ok((name.clone(), read_schema(name, schema)?)))
                .collect::<Result<BTreeMap<_, _>, String>>()
        };
        let mut resources = BTreeMap::new();
        for (name, schema) in &answer.resource_schemas {
            resources.insert(
                name.clone(),
                ResourceSchema {
                    version: schema.version,
                    block: read_schema(name, schema)?,
                    identity: None,
                },
            );
        }
        let mut actions = BTreeMap::new();
        for (name, action) in &answer.action_schemas {
            let schema = action
                .schema
                .as_ref()
                .ok_or_else(|| format!("{name}: the action has no schema"))?;
            actions.insert(name.clone(), read_schema(name, schema)?);
        }
        let mut functions = BTreeMap::new();
        for (name, function) in &answer.functions {
            let function = read_function(function).map_err(|e| format!("function {name}: {e}"))?;
            functions.insert(name.clone(), function);
        }
        Ok(Schemas {
            provider: match &answer.provider {
                Some(schema) => read_schema("provider", schema)?,
                None => Block::default(),
            },
            resources,
            data_sources: blocks(&answer.data_source_schemas)?,
            ephemeral: blocks(&answer.ephemeral_resource_schemas)?,
            lists: blocks(&answer.list_resource_schemas)?,
            actions,
            functions,
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
            let mut types = BTreeMap::new();
            let mut required_for_import = Vec::new();
            for attribute in &schema.identity_attributes {
                let ty = Type::parse(&attribute.r#type)
                    .map_err(|e| format!("identity of {name}, {}: {e}", attribute.name))?;
                if attribute.required_for_import == attribute.optional_for_import {
                    return Err(format!(
                        "identity of {name}, {}: either required or optional for import",
                        attribute.name
                    ));
                }
                if attribute.required_for_import {
                    required_for_import.push(attribute.name.clone());
                }
                types.insert(attribute.name.clone(), ty);
            }
            resource.identity = Some(IdentitySchema {
                version: schema.version,
                ty: Type::Object(types),
                required_for_import,
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
    /// The object type that follows from the block.
    pub fn ty(&self) -> Type {
        let mut types: BTreeMap<_, _> = self
            .attributes
            .iter()
            .map(|(name, attribute)| (name.clone(), attribute.ty.clone()))
            .collect();
        for (name, nested) in &self.blocks {
            types.insert(name.clone(), wrap(nested.nesting, nested.block.ty()));
        }
        Type::Object(types)
    }

    /// The object of a configuration written as JSON: what is left out is null, or empty for
    /// nested blocks, and what the schema lacks is an error.
    pub fn object(&self, json: &serde_json::Value) -> Result<Value, Mismatch> {
        let mut value = Value::from_json(json, &self.ty())?;
        if let Value::Mapping(items) = &mut value {
            for (name, nested) in &self.blocks {
                if items.get(name).is_some_and(Value::is_null) {
                    match nested.nesting {
                        Nesting::Single => {}
                        Nesting::Group => {
                            let empty = nested.block.object(&serde_json::json!({}))?;
                            items.insert(name.clone(), empty);
                        }
                        Nesting::List | Nesting::Set => {
                            items.insert(name.clone(), Value::Sequence(Vec::new()));
                        }
                        Nesting::Map => {
                            items.insert(name.clone(), Value::Mapping(BTreeMap::new()));
                        }
                    }
                }
            }
        }
        Ok(value)
    }

    /// Decodes an object of this block from the wire. An absent value is null.
    pub fn decode(&self, value: Option<&proto::DynamicValue>) -> Result<Value, Mismatch> {
        decode(value, &self.ty())
    }
}

/// Decodes a value of `ty` from the wire, msgpack or JSON. An absent value is null.
pub fn decode(value: Option<&proto::DynamicValue>, ty: &Type) -> Result<Value, Mismatch> {
    match value {
        None => Ok(Value::Null),
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, ty),
        Some(value) if !value.json.is_empty() => {
            let json = serde_json::from_slice(&value.json).map_err(|e| Mismatch {
                path: String::new(),
                message: e.to_string(),
            })?;
            Value::from_json(&json, ty)
        }
        Some(_) => Ok(Value::Null),
    }
}

/// Encodes a value of `ty` for the wire, as core does: always msgpack.
pub fn encode(value: &Value, ty: &Type) -> Result<proto::DynamicValue, Mismatch> {
    Ok(proto::DynamicValue {
        msgpack: msgpack::encode(value, ty)?,
        json: Vec::new(),
    })
}

fn wrap(nesting: Nesting, ty: Type) -> Type {
    match nesting {
        Nesting::Single | Nesting::Group => ty,
        Nesting::List => Type::List(Box::new(ty)),
        Nesting::Set => Type::Set(Box::new(ty)),
        Nesting::Map => Type::Map(Box::new(ty)),
    }
}

fn read_schema(name: &str, schema: &proto::Schema) -> Result<Block, String> {
    let block = schema
        .block
        .as_ref()
        .ok_or_else(|| format!("{name}: the schema has no block"))?;
    read_block(block).map_err(|e| format!("{name}.{e}"))
}

fn read_block(block: &proto::schema::Block) -> Result<Block, String> {
    use proto::schema::nested_block::NestingMode;
    let mut blocks = BTreeMap::new();
    for nested in &block.block_types {
        let name = &nested.type_name;
        let nesting = match nested.nesting() {
            NestingMode::Single => Nesting::Single,
            NestingMode::Group => Nesting::Group,
            NestingMode::List => Nesting::List,
            NestingMode::Set => Nesting::Set,
            NestingMode::Map => Nesting::Map,
            NestingMode::Invalid => return Err(format!("{name}: invalid nesting")),
        };
        let inner = nested
            .block
            .as_ref()
            .ok_or_else(|| format!("{name}: no block"))?;
        let inner = read_block(inner).map_err(|e| format!("{name}.{e}"))?;
        blocks.insert(
            name.clone(),
            NestedBlock {
                block: inner,
                nesting,
            },
        );
    }
    Ok(Block {
        attributes: read_attributes(&block.attributes)?,
        blocks,
    })
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
    let (ty, nested) = match (&attribute.nested_type, attribute.r#type.is_empty()) {
        (None, false) => (Type::parse(&attribute.r#type)?, None),
        (Some(object), true) => {
            let nesting = match object.nesting() {
                NestingMode::Single => Nesting::Single,
                NestingMode::List => Nesting::List,
                NestingMode::Set => Nesting::Set,
                NestingMode::Map => Nesting::Map,
                NestingMode::Invalid => return Err("invalid nesting".to_owned()),
            };
            let attributes = read_attributes(&object.attributes)?;
            let types = attributes
                .iter()
                .map(|(name, inner)| (name.clone(), inner.ty.clone()))
                .collect();
            (
                wrap(nesting, Type::Object(types)),
                Some((attributes, nesting)),
            )
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
        nested,
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        description: attribute.description.clone(),
    })
}

fn read_function(function: &proto::Function) -> Result<Function, String> {
    let parameter = |p: &proto::function::Parameter| {
        Ok::<_, String>(Parameter {
            name: p.name.clone(),
            ty: Type::parse(&p.r#type).map_err(|e| format!("{}: {e}", p.name))?,
            allow_null: p.allow_null_value,
            allow_unknown: p.allow_unknown_values,
        })
    };
    let returns = function.r#return.as_ref().ok_or("no return type")?;
    Ok(Function {
        parameters: function
            .parameters
            .iter()
            .map(parameter)
            .collect::<Result<_, _>>()?,
        variadic: function
            .variadic_parameter
            .as_ref()
            .map(parameter)
            .transpose()?,
        returns: Type::parse(&returns.r#type)?,
    })
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
