//! Schemas: the single source for the messages to core, for decoding, and for the documentation.

use std::borrow::Cow;

use super::{
    proto,
    value::{ObjectType, Type, Value},
};

/// The schema of a block: the provider's configuration, a resource, a data source, …
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Attribute, Schema};
///
/// let schema = Schema::new("A book on a shelf.")
///     .attribute(Attribute::string("title").required().description("What is on its cover."))
///     .attribute(Attribute::string("id").computed().description("Its number in the catalogue."));
/// assert!(schema.find("title").is_some());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The version of the stored state. A state of another version is upgraded first.
    pub version: i64,
    /// Markdown.
    pub description: Cow<'static, str>,
    /// In the order of the documentation; the wire has them sorted by name.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// A schema of version 0 without attributes.
    pub fn new(description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            version: 0,
            description: description.into(),
            attributes: Vec::new(),
        }
    }

    /// The same schema of another version, which [`Resource::upgrade`](super::Resource::upgrade) leads to.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// The same schema with one attribute more.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// The attribute called `name`.
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The cty type of an object of this schema.
    pub fn object_type(&self) -> ObjectType {
        object_type(&self.attributes)
    }
}

fn object_type(attributes: &[Attribute]) -> ObjectType {
    ObjectType::new(
        attributes
            .iter()
            .map(|attribute| (attribute.name, attribute.value_type())),
    )
}

/// One attribute: its type, who sets it, and what it means.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Attribute, NestingMode, value::{Type, Value}};
///
/// let authors = vec![Attribute::string("name").required().description("The author's name.")];
/// let attributes = [
///     Attribute::nested("authors", NestingMode::List, authors).optional(),
///     // A default needs computed too, since the state holds what the configuration does not.
///     Attribute::bool("lent").optional().computed().default_value(Value::Bool(false)),
///     Attribute::of("tags", Type::Set(Box::new(Type::String))).optional(),
/// ];
/// assert!(matches!(attributes[0].value_type(), Type::List(_)));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attribute {
    /// As written in HCL.
    pub name: &'static str,
    /// Its type, or its own attributes.
    pub kind: AttributeKind,
    /// Markdown.
    pub description: Cow<'static, str>,
    /// The user must set it.
    pub required: bool,
    /// The user may set it.
    pub optional: bool,
    /// The provider may set it.
    pub computed: bool,
    /// Core does not show it.
    pub sensitive: bool,
    /// Core does not store it, and the provider never returns it. Since protocol 6.8.
    pub write_only: bool,
    /// What a null in the configuration means. The service fills it in before a handler looks.
    pub default: Option<Value>,
    /// Why not to use it any more, and what to use instead.
    pub deprecation: Option<Cow<'static, str>>,
}

/// What an attribute holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AttributeKind {
    /// A value of a cty type.
    Plain(Type),
    /// Objects that have a schema of their own.
    Nested {
        /// How many there are, and how they are told apart.
        nesting: NestingMode,
        /// The attributes of each.
        attributes: Vec<Attribute>,
    },
}

/// How nested objects are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NestingMode {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Distinct objects, in no order. A model holds them in a [`Set`](super::Set).
    Set,
    /// Objects by a string key.
    Map,
}

impl Attribute {
    /// An attribute of a cty type.
    pub fn of(name: &'static str, value_type: Type) -> Self {
        Self::new(name, AttributeKind::Plain(value_type))
    }

    /// A string.
    pub fn string(name: &'static str) -> Self {
        Self::of(name, Type::String)
    }

    /// A boolean.
    pub fn bool(name: &'static str) -> Self {
        Self::of(name, Type::Bool)
    }

    /// A number.
    pub fn number(name: &'static str) -> Self {
        Self::of(name, Type::Number)
    }

    /// Nested objects.
    pub fn nested(name: &'static str, nesting: NestingMode, attributes: Vec<Attribute>) -> Self {
        Self::new(
            name,
            AttributeKind::Nested {
                nesting,
                attributes,
            },
        )
    }

    fn new(name: &'static str, kind: AttributeKind) -> Self {
        Self {
            name,
            kind,
            description: Cow::Borrowed(""),
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            default: None,
            deprecation: None,
        }
    }

    /// The user must set it.
    #[must_use]
    pub fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The user may set it.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// The provider may set it.
    #[must_use]
    pub fn computed(self) -> Self {
        Self {
            computed: true,
            ..self
        }
    }

    /// Core does not show it.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }

    /// Core does not store it, and the provider never returns it.
    #[must_use]
    pub fn write_only(self) -> Self {
        Self {
            write_only: true,
            ..self
        }
    }

    /// What a null in the configuration means. In a resource, a data source and an ephemeral resource the attribute must
    /// be computed too, since core then gets back what the configuration does not have. If it makes two elements of a set
    /// the same, that is the user's error.
    #[must_use]
    pub fn default_value(self, default: Value) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// What it means, in Markdown.
    #[must_use]
    pub fn description(self, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            description: description.into(),
            ..self
        }
    }

    /// Why not to use it any more, and what to use instead.
    #[must_use]
    pub fn deprecated(self, advice: impl Into<Cow<'static, str>>) -> Self {
        Self {
            deprecation: Some(advice.into()),
            ..self
        }
    }

    /// The cty type of its value.
    pub fn value_type(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(value_type) => value_type.clone(),
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let object = Type::Object(object_type(attributes));
                match nesting {
                    NestingMode::Single => object,
                    NestingMode::List => Type::List(Box::new(object)),
                    NestingMode::Set => Type::Set(Box::new(object)),
                    NestingMode::Map => Type::Map(Box::new(object)),
                }
            }
        }
    }
}

impl From<&Schema> for proto::Schema {
    fn from(schema: &Schema) -> Self {
        Self {
            version: schema.version,
            block: Some(proto::schema::Block {
                version: schema.version,
                attributes: sorted(&schema.attributes),
                description: schema.description.to_string(),
                description_kind: proto::StringKind::Markdown.into(),
                ..Default::default()
            }),
        }
    }
}

fn sorted(attributes: &[Attribute]) -> Vec<proto::schema::Attribute> {
    let mut attributes: Vec<_> = attributes.iter().map(Into::into).collect();
    attributes.sort_by(|a: &proto::schema::Attribute, b| a.name.cmp(&b.name));
    attributes
}

impl From<&Attribute> for proto::schema::Attribute {
    fn from(attribute: &Attribute) -> Self {
        let (value_type, nested_type) = match &attribute.kind {
            AttributeKind::Plain(value_type) => (value_type.to_json().into(), None),
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let nesting = match nesting {
                    NestingMode::Single => proto::schema::object::NestingMode::Single,
                    NestingMode::List => proto::schema::object::NestingMode::List,
                    NestingMode::Set => proto::schema::object::NestingMode::Set,
                    NestingMode::Map => proto::schema::object::NestingMode::Map,
                };
                let object = proto::schema::Object {
                    attributes: sorted(attributes),
                    nesting: nesting.into(),
                    ..Default::default()
                };
                (Default::default(), Some(object))
            }
        };
        Self {
            name: attribute.name.to_owned(),
            r#type: value_type,
            nested_type,
            description: attribute.description.to_string(),
            required: attribute.required,
            optional: attribute.optional,
            computed: attribute.computed,
            sensitive: attribute.sensitive,
            write_only: attribute.write_only,
            description_kind: proto::StringKind::Markdown.into(),
            deprecated: attribute.deprecation.is_some(),
            deprecation_message: attribute
                .deprecation
                .as_deref()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// The schema of the data that names one remote object. Since protocol 6.9.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{IdentityAttribute, IdentitySchema};
///
/// let number = IdentityAttribute::string("number").required_for_import();
/// let schema = IdentitySchema::new().attribute(number.description("Its number in the catalogue."));
/// assert_eq!(schema.version, 0);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IdentitySchema {
    /// Stays 0 until the attributes must change: older states have no identity, and core takes
    /// that for one of version 0.
    pub version: i64,
    /// What names the object.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IdentityAttribute {
    /// As written in an `identity` of an `import` block.
    pub name: &'static str,
    /// Its cty type.
    pub value_type: Type,
    /// An import must give it; otherwise it may.
    pub required_for_import: bool,
    /// Plain text.
    pub description: &'static str,
}

impl IdentityAttribute {
    /// A string that an import may give.
    pub fn string(name: &'static str) -> Self {
        Self::of(name, Type::String)
    }

    /// A value of a cty type that an import may give.
    pub fn of(name: &'static str, value_type: Type) -> Self {
        Self {
            name,
            value_type,
            required_for_import: false,
            description: "",
        }
    }

    /// An import must give it.
    #[must_use]
    pub fn required_for_import(self) -> Self {
        Self {
            required_for_import: true,
            ..self
        }
    }

    /// What it means, in plain text.
    #[must_use]
    pub fn description(self, description: &'static str) -> Self {
        Self {
            description,
            ..self
        }
    }
}

impl IdentitySchema {
    /// A schema of version 0 without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same schema with one attribute more.
    #[must_use]
    pub fn attribute(mut self, attribute: IdentityAttribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// The cty type of an identity.
    pub fn object_type(&self) -> ObjectType {
        ObjectType::new(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name, attribute.value_type.clone())),
        )
    }
}

impl From<&IdentitySchema> for proto::ResourceIdentitySchema {
    fn from(schema: &IdentitySchema) -> Self {
        let attributes = schema.attributes.iter().map(|attribute| {
            proto::resource_identity_schema::IdentityAttribute {
                name: attribute.name.to_owned(),
                r#type: attribute.value_type.to_json().into(),
                required_for_import: attribute.required_for_import,
                optional_for_import: !attribute.required_for_import,
                description: attribute.description.to_owned(),
            }
        });
        Self {
            version: schema.version,
            identity_attributes: attributes.collect(),
        }
    }
}
