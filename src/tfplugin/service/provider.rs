//! The RPCs of the provider as a whole: schemas, configuration, functions.

use std::collections::{BTreeMap, HashMap};

use super::Service;
use crate::tfplugin::{
    diagnostics::Diagnostic,
    function::FunctionError,
    outcome::Outcome,
    panic::{catch_panic, catch_panic_now},
    proto::{
        self, ServerCapabilities, call_function as call, configure_provider as configure,
        get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas,
        stop_provider as stop, validate_provider_config as validate,
    },
    provider::Provider,
    schema_errors::{Kind, function_errors, prefix_errors, schema_errors},
    wire::{self, messages, run_check},
};

const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

/// What each handler of one kind says of itself, by type name.
fn by_name<H, T>(
    handlers: &BTreeMap<&'static str, H>,
    describe: impl Fn(&H) -> T,
) -> HashMap<String, T> {
    handlers
        .iter()
        .map(|(name, handler)| ((*name).to_owned(), describe(handler)))
        .collect()
}

/// The type names of one kind, each in its own message.
fn names<H, T>(handlers: &BTreeMap<&'static str, H>, message: fn(String) -> T) -> Vec<T> {
    let names = handlers.keys();
    names.map(|name| message((*name).to_owned())).collect()
}

impl<P: Provider> Service<P> {
    /// What is wrong with the schemas of the provider and its handlers, and where a schema and its model do
    /// not fit. Empty in a sound provider; meant for a test of it.
    pub fn schema_errors(&self) -> Vec<String> {
        let handlers = &self.handlers;
        let address = self.provider.metadata().address;
        let name = address.rsplit('/').next().unwrap_or(address);
        let mut found = schema_errors::<P::Config>(Kind::Provider, name, &self.codec);
        let type_names = handlers
            .resources
            .keys()
            .chain(handlers.data_sources.keys())
            .chain(handlers.ephemeral_resources.keys())
            .chain(handlers.list_resources.keys())
            .chain(handlers.actions.keys());
        found.extend(prefix_errors(name, type_names));
        let lists = handlers.list_resources.keys();
        let unlisted = lists.filter(|name| {
            let resource = handlers.resources.get(*name);
            resource.is_none_or(|resource| resource.identity_schema().is_none())
        });
        found.extend(unlisted.map(|name| {
            format!(
                "list {name} needs a resource of this name with an identity, which core asks for"
            )
        }));
        let duplicates = handlers.duplicates.iter();
        found.extend(duplicates.map(|name| format!("{name} is registered twice")));
        found.extend(handlers.resources.values().flat_map(|h| h.schema_errors()));
        found.extend(
            handlers
                .data_sources
                .values()
                .flat_map(|h| h.schema_errors()),
        );
        let ephemeral_resources = handlers.ephemeral_resources.values();
        found.extend(ephemeral_resources.flat_map(|h| h.schema_errors()));
        found.extend(
            handlers
                .list_resources
                .values()
                .flat_map(|h| h.schema_errors()),
        );
        found.extend(handlers.actions.values().flat_map(|h| h.schema_errors()));
        found.extend(handlers.functions.iter().flat_map(function_errors));
        found
    }

    pub(super) async fn schemas(
        &self,
        _: get_provider_schema::Request,
    ) -> get_provider_schema::Response {
        let handlers = &self.handlers;
        get_provider_schema::Response {
            provider: Some((&self.codec.schema).into()),
            resource_schemas: by_name(&handlers.resources, |h| h.schema().into()),
            data_source_schemas: by_name(&handlers.data_sources, |h| h.schema().into()),
            ephemeral_resource_schemas: by_name(&handlers.ephemeral_resources, |h| {
                h.schema().into()
            }),
            list_resource_schemas: by_name(&handlers.list_resources, |h| h.schema().into()),
            action_schemas: by_name(&handlers.actions, |h| proto::ActionSchema {
                schema: Some(h.schema().into()),
            }),
            functions: by_name(&handlers.functions, |h| (&h.definition()).into()),
            server_capabilities: Some(CAPABILITIES),
            ..Default::default()
        }
    }

    pub(super) async fn identity_schemas(
        &self,
        _: get_resource_identity_schemas::Request,
    ) -> get_resource_identity_schemas::Response {
        get_resource_identity_schemas::Response {
            identity_schemas: self
                .handlers
                .resources
                .iter()
                .filter_map(|(name, handler)| {
                    Some(((*name).to_owned(), handler.identity_schema()?.into()))
                })
                .collect(),
            ..Default::default()
        }
    }

    pub(super) async fn functions(&self, _: get_functions::Request) -> get_functions::Response {
        get_functions::Response {
            functions: by_name(&self.handlers.functions, |h| (&h.definition()).into()),
            ..Default::default()
        }
    }

    pub(super) async fn metadata(&self, _: get_metadata::Request) -> get_metadata::Response {
        use get_metadata::{
            ActionMetadata, DataSourceMetadata, EphemeralMetadata, FunctionMetadata,
            ListResourceMetadata, ResourceMetadata,
        };
        let handlers = &self.handlers;
        get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: names(&handlers.resources, |type_name| ResourceMetadata {
                type_name,
            }),
            data_sources: names(&handlers.data_sources, |type_name| DataSourceMetadata {
                type_name,
            }),
            functions: names(&handlers.functions, |name| FunctionMetadata { name }),
            ephemeral_resources: names(&handlers.ephemeral_resources, |type_name| {
                EphemeralMetadata { type_name }
            }),
            list_resources: names(&handlers.list_resources, |type_name| ListResourceMetadata {
                type_name,
            }),
            actions: names(&handlers.actions, |type_name| ActionMetadata { type_name }),
            ..Default::default()
        }
    }

    pub(super) async fn validate(&self, request: validate::Request) -> validate::Response {
        let check = async {
            let config = self.codec.config(request.config)?;
            Ok(self.provider.validate(&config))
        };
        validate::Response {
            diagnostics: run_check("ValidateProviderConfig", check).await,
        }
    }

    pub(super) async fn configure(&self, request: configure::Request) -> configure::Response {
        let work = async {
            let config = self.codec.checked_config(request.config)?;
            let is_known = config.is_wholly_known();
            let version = &request.terraform_version;
            let outcome = self.provider.configure(wire::model(config)?, version).await;
            match outcome.result {
                // Otherwise every later message would speak of values that are not known yet.
                Ok(None) if is_known => Err(Diagnostic::bug(
                    "The configuration is known, and the provider made no client of it.",
                )),
                _ => Ok(outcome),
            }
        };
        let outcome = catch_panic("ConfigureProvider", work)
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

    pub(super) async fn stop(&self, _: stop::Request) -> stop::Response {
        self.stop_rpcs();
        stop::Response::default()
    }

    pub(super) async fn call(&self, request: call::Request) -> call::Response {
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
        let Some(function) = self.handlers.functions.get(request.name.as_str()) else {
            return Err(FunctionError::new(format!(
                "this provider has no function {:?}",
                request.name
            )));
        };
        let definition = function.definition();
        let (given, expected) = (request.arguments.len(), definition.parameters.len());
        if given < expected || (given > expected && definition.variadic.is_none()) {
            return Err(FunctionError::new(format!(
                "{} takes {expected} arguments, not {given}",
                request.name
            )));
        }
        // Core sends the arguments of a variadic parameter one by one, after the others.
        let parameters = definition
            .parameters
            .iter()
            .chain(definition.variadic.iter().cycle());
        let arguments = request.arguments.into_iter().zip(parameters).enumerate();
        let arguments = arguments.map(|(position, (argument, parameter))| {
            wire::decode(Some(argument), &parameter.value_type).map_err(|error| {
                FunctionError::of_argument(position, error.detail.trim_end_matches('.'))
            })
        });
        let arguments = arguments.collect::<Result<_, _>>()?;
        let result = catch_panic_now("CallFunction", || function.call(arguments))
            .map_err(|panic| FunctionError::new(panic.detail.trim_end_matches('.')))??;
        wire::encode(&result, &definition.returns).map_err(|bug| FunctionError::new(bug.detail))
    }
}
