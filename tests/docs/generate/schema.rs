//! The `## Schema` part of a page, as `tfplugindocs` lays it out.

use std::fmt::Write as _;

use serde_json::Value as Json;
use tfplugin_host::proto::{
    ResourceIdentitySchema, Schema,
    schema::{Attribute, Object, object::NestingMode},
};

const WRITE_ONLY: &str =
    "https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments";

/// Who sets an attribute: the order of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

impl Group {
    const ALL: [Self; 3] = [Self::Required, Self::Optional, Self::ReadOnly];

    fn of(attribute: &Attribute) -> Self {
        match attribute {
            Attribute { required: true, .. } => Self::Required,
            Attribute { optional: true, .. } => Self::Optional,
            _ => Self::ReadOnly,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::ReadOnly => "Read-Only",
        }
    }
}

/// Heading, groups, and nested schemas.
pub(super) fn schema(schema: &Schema) -> String {
    let mut page = String::from("## Schema\n\n");
    let block = schema.block.as_ref().expect("a schema has a block");
    assert!(
        block.block_types.is_empty(),
        "this provider has attributes alone; nested blocks are not rendered"
    );
    attributes(&mut page, &[], &block.attributes);
    page.trim_end().to_owned()
}

/// The part that says what an `identity` takes.
pub(super) fn identity(schema: &ResourceIdentitySchema) -> String {
    let mut page = String::from("### Identity Schema\n");
    for (title, required) in [("Required", true), ("Optional", false)] {
        let mut of_group: Vec<_> = schema
            .identity_attributes
            .iter()
            .filter(|attribute| attribute.required_for_import == required)
            .collect();
        if of_group.is_empty() {
            continue;
        }
        of_group.sort_by(|a, b| a.name.cmp(&b.name));
        let _ = write!(page, "\n#### {title}\n\n");
        for attribute in of_group {
            let _ = writeln!(
                page,
                "- `{}` ({}) {}",
                attribute.name,
                type_name(&attribute.r#type),
                attribute.description
            );
        }
    }
    page.trim_end().to_owned()
}

fn attributes(page: &mut String, parents: &[&str], all: &[Attribute]) {
    let mut nested = Vec::new();
    for group in Group::ALL {
        let mut of_group: Vec<_> = all
            .iter()
            .filter(|attribute| Group::of(attribute) == group)
            .collect();
        if of_group.is_empty() {
            continue;
        }
        of_group.sort_by(|a, b| a.name.cmp(&b.name));
        let title = group.title();
        let _ = match parents.is_empty() {
            true => write!(page, "### {title}\n\n"),
            false => write!(page, "{title}:\n\n"),
        };
        if parents.is_empty() && of_group.iter().any(|attribute| attribute.write_only) {
            let _ = write!(
                page,
                "> **NOTE**: [Write-only arguments]({WRITE_ONLY}) are supported in Terraform 1.11, OpenTofu 1.11 and later.\n\n"
            );
        }
        for attribute in of_group {
            let mut path = parents.to_vec();
            path.push(&attribute.name);
            let _ = write!(
                page,
                "- `{}` ({}) {}",
                attribute.name,
                kind(attribute),
                attribute.description.trim()
            );
            if let Some(object) = &attribute.nested_type {
                let _ = write!(
                    page,
                    " (see [below for nested schema](#nestedatt--{}))",
                    path.join("--")
                );
                nested.push((path, object));
            }
            page.push('\n');
        }
        page.push('\n');
    }
    for (path, object) in nested {
        let _ = write!(
            page,
            "<a id=\"nestedatt--{}\"></a>\n### Nested Schema for `{}`\n\n",
            path.join("--"),
            path.join(".")
        );
        attributes(page, &path, &object.attributes);
        page.push('\n');
    }
}

/// Type and marks, as in `(String, Sensitive)`.
fn kind(attribute: &Attribute) -> String {
    let mut kind = match &attribute.nested_type {
        Some(object) => nesting(object).to_owned(),
        None => type_name(&attribute.r#type),
    };
    if attribute.sensitive {
        kind.push_str(", Sensitive");
    }
    if attribute.deprecated {
        kind.push_str(", Deprecated");
    }
    if attribute.write_only {
        let _ = write!(kind, ", [Write-only]({WRITE_ONLY})");
    }
    kind
}

fn nesting(object: &Object) -> &'static str {
    match object.nesting() {
        NestingMode::List => "Attributes List",
        NestingMode::Set => "Attributes Set",
        NestingMode::Map => "Attributes Map",
        NestingMode::Single | NestingMode::Invalid => "Attributes",
    }
}

/// A cty type, by its JSON form, in the words of the registry.
pub(super) fn type_name(json: &[u8]) -> String {
    words(&parsed(json), true)
}

/// A cty type as HashiCorp's tools name it in a function's signature.
pub(super) fn friendly_name(json: &[u8]) -> String {
    words(&parsed(json), false)
}

fn parsed(json: &[u8]) -> Json {
    serde_json::from_slice(json).expect("a type is JSON")
}

fn words(json: &Json, capitals: bool) -> String {
    let pick = |capital: &str, small: &str| if capitals { capital } else { small }.to_owned();
    match json {
        Json::String(name) => match name.as_str() {
            "string" => pick("String", "string"),
            "number" => pick("Number", "number"),
            "bool" => pick("Boolean", "bool"),
            "dynamic" => pick("Dynamic", "dynamic"),
            other => panic!("no cty type: {other}"),
        },
        Json::Array(parts) => {
            let (kind, of) = (&parts[0], &parts[1]);
            let kind = kind.as_str().unwrap_or_default();
            match kind {
                "list" => pick("List of ", "list of ") + &words(of, capitals),
                "set" => pick("Set of ", "set of ") + &words(of, capitals),
                "map" => pick("Map of ", "map of ") + &words(of, capitals),
                "tuple" => pick("Tuple", "tuple"),
                "object" => pick("Object", "object"),
                other => panic!("no cty type: {other}"),
            }
        }
        other => panic!("no cty type: {other}"),
    }
}
