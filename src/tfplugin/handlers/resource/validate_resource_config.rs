//! ValidateResourceConfig: whether a configuration can be right, before anything in it need be known.

use super::RegisteredResource;
use crate::tfplugin::{
    arguments::refuse_write_only,
    context::Capabilities,
    proto::validate_resource_config as validate,
    resource::Resource,
    wire::{self, run_check},
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn validate_resource_config(
        &self,
        request: validate::Request,
    ) -> validate::Response {
        let capabilities = Capabilities::from(request.client_capabilities);
        let check = async {
            let config = self.codec.decode_config(request.config)?;
            let mut found = match capabilities.write_only {
                true => Vec::new(),
                false => refuse_write_only(&config, self.attributes(), |value| {
                    !value.is_null() && !value.is_unknown()
                }),
            };
            self.codec.check_arguments(&config)?;
            found.extend(self.resource.validate(&wire::model(config)?, capabilities));
            Ok(found)
        };
        validate::Response {
            diagnostics: run_check("ValidateResourceConfig", check).await,
        }
    }
}
