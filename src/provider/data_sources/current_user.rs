//! The data source `immuta_current_user`: whose token it is.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::Client,
    provider::diagnostic,
    tfplugin::{
        Attribute, Configured, DataSource, Diagnostic, Schema,
        outcome::Outcome,
        value::{Attr, Type},
    },
};

/// The attributes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    username: Attr<String>,
    display_name: Attr<String>,
    tenant_id: Attr<String>,
    segment: Attr<String>,
    permissions: Attr<Vec<String>>,
    token_expires_at: Attr<String>,
}

/// Whose token it is.
#[derive(Debug)]
pub(in crate::provider) struct CurrentUserDataSource;

impl DataSource for CurrentUserDataSource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_current_user"
    }

    fn schema(&self) -> Schema {
        Schema::new("Reads the user of the provider's token, so that a `check` can assert the segment, the permission, and that the token does not expire soon.")
            .attribute(Attribute::string("username").computed().description("The user's login name."))
            .attribute(Attribute::string("display_name").computed().description("The user's display name."))
            .attribute(Attribute::string("tenant_id").computed().description("The ID of the user's tenant, a UUID."))
            .attribute(Attribute::string("segment").computed().description("The global segment of the tenant, if the API returns it."))
            .attribute(
                Attribute::of("permissions", Type::List(Box::new(Type::String)))
                    .computed()
                    .description("The user's global permissions, sorted. Managing webhooks requires `APPLICATION_ADMIN`."),
            )
            .attribute(
                Attribute::string("token_expires_at")
                    .computed()
                    .description("When the token expires (RFC 3339, UTC), if the API returns it."),
            )
    }

    async fn read(
        &self,
        context: &Configured<Client>,
        _: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let user = context.client.current_user(&context.stop).await;
        let result = user
            .map(|mut user| {
                user.permissions.sort();
                Model {
                    username: Attr::Known(user.username),
                    display_name: Attr::Known(user.display_name),
                    tenant_id: Attr::Known(user.tenant_id),
                    segment: user.segment.into(),
                    permissions: Attr::Known(user.permissions),
                    token_expires_at: user.token_expires_at.map(|when| when.to_string()).into(),
                }
            })
            .map_err(|cause| {
                diagnostic::from_api_error(
                    "Unable to read current user",
                    "While reading the user whose token the provider uses.",
                    &cause,
                )
            });
        result.into()
    }
}
