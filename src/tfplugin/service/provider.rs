//! The RPCs of the provider as a whole: schemas, configuration, functions.

use std::collections::HashMap;

use super::{
    Service,
    wire::{self, contained, messages},
};
use crate::tfplugin::{
    conformance,
    containment::contain,
    function::FunctionError,
    outcome::Outcome,
    proto::{
        self, ServerCapabilities, call_function as call, configure_provider as configure,
        get_metadata, get_provider_schema, get_resource_identity_schemas,
        validate_provider_config as validate,
    },
    provider::Provider,
    schema::Schema,
};

const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

fn by_name<'a>(
    schemas: impl IntoIterator<Item = (&'static str, &'a Schema)>,
) -> HashMap<String, proto::Schema> {
    schemas
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema.into()))
        .collect()
}

impl<P: Provider> Service<P> {
    pub(super) fn schemas(&self) -> get_provider_schema::Response {
        let offers = &self.offers;
        let actions = offers.actions.iter().map(|(name, action)| {
            let schema = proto::ActionSchema {
                schema: Some(action.schema().into()),
            };
            ((*name).to_owned(), schema)
        });
        get_provider_schema::Response {
            provider: Some((&self.shape.schema).into()),
            resource_schemas: by_name(offers.resources.iter().map(|(n, r)| (*n, r.schema()))),
            data_source_schemas: by_name(offers.data_sources.iter().map(|(n, d)| (*n, d.schema()))),
            ephemeral_resource_schemas: by_name(
                offers
                    .ephemeral_resources
                    .iter()
                    .map(|(n, e)| (*n, e.schema())),
            ),
            list_resource_schemas: by_name(
                offers.list_resources.iter().map(|(n, l)| (*n, l.schema())),
            ),
            action_schemas: actions.collect(),
            functions: self.functions(),
            server_capabilities: Some(CAPABILITIES),
            ..Default::default()
        }
    }

    /// What does not fit together in what the provider offers. Empty in a sound provider; meant for
    /// a test of it.
    pub fn faults(&self) -> Vec<String> {
        let offers = &self.offers;
        let mut found = conformance::faults::<P::Config>("provider", &self.shape);
        found.extend(offers.resources.values().flat_map(|offer| offer.faults()));
        found.extend(
            offers
                .data_sources
                .values()
                .flat_map(|offer| offer.faults()),
        );
        found.extend(
            offers
                .ephemeral_resources
                .values()
                .flat_map(|offer| offer.faults()),
        );
        found.extend(
            offers
                .list_resources
                .values()
                .flat_map(|offer| offer.faults()),
        );
        found.extend(offers.actions.values().flat_map(|offer| offer.faults()));
        found
    }

    pub(super) fn identity_schemas(&self) -> get_resource_identity_schemas::Response {
        let schemas = self.offers.resources.iter();
        get_resource_identity_schemas::Response {
            identity_schemas: schemas
                .map(|(name, resource)| ((*name).to_owned(), resource.identity_schema().into()))
                .collect(),
            ..Default::default()
        }
    }

    pub(super) fn functions(&self) -> HashMap<String, proto::Function> {
        let functions = self.offers.functions.iter();
        functions
            .map(|(name, function)| ((*name).to_owned(), (&function.signature()).into()))
            .collect()
    }

    pub(super) fn metadata(&self) -> get_metadata::Response {
        fn all<T, V>(
            named: &std::collections::BTreeMap<&'static str, V>,
            make: fn(String) -> T,
        ) -> Vec<T> {
            named.keys().map(|name| make((*name).to_owned())).collect()
        }
        let offers = &self.offers;
        get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: all(&offers.resources, |type_name| {
                get_metadata::ResourceMetadata { type_name }
            }),
            data_sources: all(&offers.data_sources, |type_name| {
                get_metadata::DataSourceMetadata { type_name }
            }),
            functions: all(&offers.functions, |name| get_metadata::FunctionMetadata {
                name,
            }),
            ephemeral_resources: all(&offers.ephemeral_resources, |type_name| {
                get_metadata::EphemeralResourceMetadata { type_name }
            }),
            list_resources: all(&offers.list_resources, |type_name| {
                get_metadata::ListResourceMetadata { type_name }
            }),
            actions: all(&offers.actions, |type_name| get_metadata::ActionMetadata {
                type_name,
            }),
            ..Default::default()
        }
    }

    pub(super) async fn validate(&self, request: validate::Request) -> validate::Response {
        let checked = async {
            let config = self.shape.decode_config(request.config)?;
            Ok(self.provider.validate(&wire::model(config)?))
        };
        validate::Response {
            diagnostics: contained("ValidateProviderConfig", checked).await,
        }
    }

    pub(super) async fn configure(&self, request: configure::Request) -> configure::Response {
        let configured = contain("ConfigureProvider", async {
            let config = self.shape.decode_config(request.config)?;
            let config = wire::model(config)?;
            Ok(self
                .provider
                .configure(config, &request.terraform_version)
                .await)
        });
        let outcome = configured
            .await
            .and_then(|configured| configured)
            .unwrap_or_else(|error| Outcome::from(Err(vec![error])));
        let mut diagnostics = outcome.warnings;
        match outcome.result {
            Ok(client) => self.session.configure(client),
            Err(errors) => {
                self.session.configure(None);
                diagnostics.extend(errors);
            }
        }
        configure::Response {
            diagnostics: messages(diagnostics),
        }
    }

    pub(super) fn call(&self, request: call::Request) -> call::Response {
        match self.try_call(request) {
            Ok(result) => call::Response {
                result: Some(result),
                error: None,
            },
            Err(error) => call::Response {
                result: None,
                error: Some(error.into()),
            },
        }
    }

    fn try_call(&self, request: call::Request) -> Result<proto::DynamicValue, FunctionError> {
        let fault = |text: String| FunctionError {
            text,
            argument: None,
        };
        let Some(function) = self.offers.functions.get(request.name.as_str()) else {
            return Err(fault(format!(
                "this provider has no function {:?}",
                request.name
            )));
        };
        let signature = function.signature();
        if request.arguments.len() != signature.parameters.len() {
            return Err(fault(format!(
                "{} takes {} arguments, not {}",
                request.name,
                signature.parameters.len(),
                request.arguments.len()
            )));
        }
        let arguments = request
            .arguments
            .into_iter()
            .zip(&signature.parameters)
            .enumerate();
        let arguments = arguments.map(|(position, (argument, parameter))| {
            wire::decode(Some(argument), &parameter.value_type)
                .map_err(|error| FunctionError::of_argument(position, error.detail))
        });
        let result = function.call(arguments.collect::<Result<_, _>>()?)?;
        wire::encode(&result, &signature.returns).map_err(|error| fault(error.detail))
    }
}
