//! GenerateResourceConfig: the configuration that a person would write for an imported object.

use super::RegisteredResource;
use crate::tfplugin::{proto::generate_resource_config as generate, resource::Resource, rules};

impl<R: Resource> RegisteredResource<R> {
    pub(super) fn generate_resource_config(
        &self,
        request: generate::Request,
    ) -> generate::Response {
        let config = self.codec.decode(request.state).and_then(|mut config| {
            rules::keep_configurable(&mut config, self.attributes());
            self.codec.encode(&config)
        });
        match config {
            Ok(config) => generate::Response {
                config: Some(config),
                diagnostics: Vec::new(),
            },
            Err(error) => error.into(),
        }
    }
}
