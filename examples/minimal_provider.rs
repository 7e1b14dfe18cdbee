//! A whole provider, for an imaginary key store: a folder with a file for each key, whose two lines
//! are what `data "keyring_version"` and `ephemeral "keyring_key"` give. Nothing stores the latter.
use std::{fs, path::*, process::ExitCode};

use serde::{Deserialize, Serialize};
use terraform_provider_immuta::{plugin, tfplugin::*};

struct Keyring;
#[derive(Deserialize, Serialize)]
struct Config {
    folder: Attr<String>,
}
impl Provider for Keyring {
    type Config = Config;
    type Client = PathBuf;
    fn metadata(&self) -> ProviderMetadata {
        ProviderMetadata {
            name: "terraform-provider-keyring",
            version: "0.1.0",
            address: "example/keyring",
            purpose: "Keys in a folder",
        }
    }
    fn schema(&self) -> Schema {
        Schema::new("Keys in a folder.").attribute(Attribute::string("folder").required())
    }
    fn handlers(&self) -> Handlers<PathBuf> {
        Handlers::new().data_source(Key).ephemeral_resource(Key)
    }
    async fn configure(&self, config: Config, _: &str) -> ConfigureResult<PathBuf> {
        Ok(config.folder.into_known().map(PathBuf::from)).into()
    }
}
struct Key;
#[derive(Deserialize, Serialize)]
struct Model {
    name: Attr<String>,
    value: Attr<String>,
}
fn schema(value: Attribute) -> Schema {
    let name = Attribute::string("name").required();
    Schema::new("A key.").attribute(name).attribute(value)
}
fn line(number: usize, folder: &Path, asked: Model) -> Result<Model, Diagnostic> {
    let name = asked.name.as_known().map_or("", String::as_str);
    let text = fs::read_to_string(folder.join(name))
        .map_err(|cause| Diagnostic::error("Key not read", format!("{name}: {cause}.")))?;
    let value = text.lines().nth(number).map(str::to_owned).into();
    Ok(Model { value, ..asked })
}
impl DataSource for Key {
    type Client = PathBuf;
    type Model = Model;
    fn type_name(&self) -> &'static str {
        "keyring_version"
    }
    fn schema(&self) -> Schema {
        schema(Attribute::string("value").computed())
    }
    async fn read(&self, ctx: &Configured<PathBuf>, key: Model) -> HandlerResult<Model> {
        line(0, &ctx.client, key).into()
    }
}
impl EphemeralResource for Key {
    type Client = PathBuf;
    type Model = Model;
    fn type_name(&self) -> &'static str {
        "keyring_key"
    }
    fn schema(&self) -> Schema {
        schema(Attribute::string("value").computed().sensitive())
    }
    async fn open(&self, ctx: &Configured<PathBuf>, key: Model) -> HandlerResult<Opened<Model>> {
        line(1, &ctx.client, key).map(Opened::from).into()
    }
}
fn main() -> ExitCode {
    plugin::run(Keyring)
}
