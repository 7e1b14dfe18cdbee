//! The pages of `docs/` that describe what the provider offers, from the schema that it serves, the
//! texts in `templates/`, and `examples/`. Laid out as HashiCorp's `tfplugindocs` does it, so that the
//! registries show them as they show those of every other provider.

mod plain;
mod schema;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use terraform_provider_immuta::{provider::Immuta, tfplugin::Service};
use tfplugin_host::proto::{
    Function, ResourceIdentitySchema, Schema, get_provider_schema, get_resource_identity_schemas,
    provider_client::ProviderClient,
};

use crate::repository;

/// The folders whose pages are all written here; `docs/guides/` is written by people.
pub(crate) const FOLDERS: [&str; 6] = [
    "actions",
    "data-sources",
    "ephemeral-resources",
    "functions",
    "list-resources",
    "resources",
];

/// A query stands in a file of its own, beside a configuration.
const LIST_INTRODUCTION: &str = "In a file whose name ends with `.tfquery.hcl`, in a folder whose configuration requires the provider, such as [that of the provider's page](../index.md#example-usage):\n\n<!-- test: new folder with docs/index.md -->\n<!-- test: before outside insert url=https://hooks.example.com/1 suppressed=true >id.txt -->\n\n";

/// Every page, by its path below `docs/`.
pub(crate) fn pages() -> BTreeMap<PathBuf, String> {
    let (served, identities) = served();
    let mut pages = BTreeMap::new();
    let provider = served.provider.as_ref().expect("a provider has a schema");
    pages.insert(PathBuf::from("index.md"), index(provider));
    for (name, schema) in &served.resource_schemas {
        let identity = &identities.identity_schemas[name];
        pages.insert(path("resources", name), resource(name, schema, identity));
    }
    for (name, schema) in &served.data_source_schemas {
        let page = object(
            "Data Source",
            "data-sources/{}/data-source*.tf",
            name,
            schema,
        );
        pages.insert(path("data-sources", name), page);
    }
    for (name, schema) in &served.ephemeral_resource_schemas {
        let examples = "ephemeral-resources/{}/ephemeral-resource*.tf";
        let page = object("Ephemeral Resource", examples, name, schema);
        pages.insert(path("ephemeral-resources", name), page);
    }
    for (name, schema) in &served.list_resource_schemas {
        let examples = "list-resources/{}/list-resource*.tfquery.hcl";
        let page = object("List Resource", examples, name, schema);
        pages.insert(path("list-resources", name), page);
    }
    for (name, action) in &served.action_schemas {
        let schema = action.schema.as_ref().expect("an action has a schema");
        let page = object("Action", "actions/{}/action*.tf", name, schema);
        pages.insert(path("actions", name), page);
    }
    for (name, signature) in &served.functions {
        pages.insert(path("functions", name), function(name, signature));
    }
    pages
}

/// Asks the provider, as core would.
fn served() -> (
    get_provider_schema::Response,
    get_resource_identity_schemas::Response,
) {
    let mut core = ProviderClient::new(Arc::new(Service::new(Immuta::new())).routes());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let schemas = core
            .get_provider_schema(get_provider_schema::Request::default())
            .await
            .expect("schemas are answered");
        let identities = core
            .get_resource_identity_schemas(get_resource_identity_schemas::Request::default())
            .await
            .expect("identities are answered");
        (schemas.into_inner(), identities.into_inner())
    })
}

/// `immuta_webhook` is described in `webhook.md`.
fn path(folder: &str, name: &str) -> PathBuf {
    let short = name.strip_prefix("immuta_").unwrap_or(name);
    Path::new(folder).join(format!("{short}.md"))
}

fn index(schema: &Schema) -> String {
    let description = description(schema);
    fill(
        include_str!("../templates/index.md"),
        &[
            ("plain_description", &indented(&plain::plain(description))),
            ("description", description),
            ("examples", &examples("provider/provider*.tf")),
            ("schema", &schema::schema(schema)),
        ],
    )
}

fn object(kind: &str, pattern: &str, name: &str, schema: &Schema) -> String {
    let description = description(schema);
    let introduction = match kind {
        "List Resource" => LIST_INTRODUCTION,
        "Action" => "<!-- test: may warn Reference to triggering resource -->\n\n",
        _ => "",
    };
    fill(
        include_str!("../templates/object.md"),
        &[
            ("name", name),
            ("type", kind),
            ("plain_description", &indented(&plain::plain(description))),
            ("description", description),
            ("introduction", introduction),
            ("examples", &examples(&pattern.replace("{}", name))),
            ("schema", &schema::schema(schema)),
        ],
    )
}

fn resource(name: &str, schema: &Schema, identity: &ResourceIdentitySchema) -> String {
    let description = description(schema);
    let of_this = |file: &str| examples(&format!("resources/{name}/{file}"));
    fill(
        include_str!("../templates/resource.md"),
        &[
            ("name", name),
            ("type", "Resource"),
            ("plain_description", &indented(&plain::plain(description))),
            ("description", description),
            ("examples", &of_this("resource*.tf")),
            ("schema", &schema::schema(schema)),
            ("import_by_identity", &of_this("import-by-identity.tf")),
            ("identity_schema", &schema::identity(identity)),
            ("import_by_id", &of_this("import-by-string-id.tf")),
            ("import_command", &of_this("import.sh")),
        ],
    )
}

fn function(name: &str, function: &Function) -> String {
    assert!(
        function.variadic_parameter.is_none(),
        "no function of this provider is variadic, so none is rendered"
    );
    let parameters: Vec<_> = function
        .parameters
        .iter()
        .map(|parameter| {
            let kind = schema::friendly_name(&parameter.r#type);
            format!("{} {kind}", parameter.name)
        })
        .collect();
    let arguments: Vec<_> = function
        .parameters
        .iter()
        .map(|parameter| {
            let kind = schema::type_name(&parameter.r#type);
            format!("1. `{}` ({kind}) {}", parameter.name, parameter.description)
        })
        .collect();
    let returns = function.r#return.as_ref().expect("a function returns");
    let signature = format!(
        "{name}({}) {}",
        parameters.join(", "),
        schema::friendly_name(&returns.r#type)
    );
    fill(
        include_str!("../templates/function.md"),
        &[
            ("name", name),
            (
                "plain_description",
                &indented(&plain::plain(&function.summary)),
            ),
            ("description", &function.description),
            (
                "examples",
                &examples(&format!("functions/{name}/function*.tf")),
            ),
            ("signature", &signature),
            ("arguments", &arguments.join("\n")),
        ],
    )
}

fn description(schema: &Schema) -> &str {
    let block = schema.block.as_ref().expect("a schema has a block");
    block.description.trim()
}

fn indented(text: &str) -> String {
    let lines: Vec<_> = text
        .trim()
        .lines()
        .map(|line| format!("  {line}"))
        .collect();
    lines.join("\n")
}

/// The files of `examples/` that a pattern names (one `*` at the most, in the file's name), each in a
/// fence. None at all is an error: a page without an example helps nobody.
fn examples(pattern: &str) -> String {
    let pattern = repository().join("examples").join(pattern);
    let folder = pattern.parent().expect("an example lies in a folder");
    let name = pattern
        .file_name()
        .expect("an example has a name")
        .to_string_lossy();
    let (start, end) = name.split_once('*').unwrap_or((&name, ""));
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()))
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        })
        .collect();
    assert!(
        !found.is_empty(),
        "there is no example {}",
        pattern.display()
    );
    found.sort();
    let fenced = found.iter().enumerate().map(|(position, path)| {
        let language = match path.extension() {
            Some(extension) if extension == "sh" => "shell",
            _ => "terraform",
        };
        let text = fs::read_to_string(path).expect("an example can be read");
        // A whole configuration of its own, not an addition to the one before it.
        let begins = match position > 0 && text.contains("required_providers") {
            true => "<!-- test: new folder -->\n\n",
            false => "",
        };
        format!("{begins}```{language}\n{}\n```", text.trim())
    });
    fenced.collect::<Vec<_>>().join("\n\n")
}

/// Puts the values in the places that the template names. Each value must have a place, and each
/// place a value.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a place is closed");
        let value = values.iter().find(|(known, _)| *known == name);
        page.push_str(value.unwrap_or_else(|| panic!("no value for {name}")).1);
        page.push_str(rest);
    }
    page
}
