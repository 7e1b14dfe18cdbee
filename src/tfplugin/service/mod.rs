//! The one service: from each RPC to the handler it is for.
//!
//! Every method here names its RPC, finds the handler by type name, and leaves the rest to the
//! file of its kind ([`resource`], [`data_source`], …): decode, call the trait, hold the outcome to
//! core's rules, encode.

pub(crate) mod action;
pub(crate) mod data_source;
pub(crate) mod ephemeral_resource;
pub(crate) mod list_resource;
mod provider;
pub(crate) mod resource;
mod session;
mod wire;

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use self::{session::Session, wire::{Shape, messages, unknown_type}};
use super::{
    containment::contain,
    offers::Offers,
    proto::{self, *},
    provider::Provider,
};

/// A provider as the generated server wants it.
pub struct Service<P: Provider> {
    provider: P,
    shape: Shape,
    offers: Offers<P::Client>,
    session: Session<P::Client>,
}

impl<P: Provider> Service<P> {
    /// A service of `provider`, not configured yet.
    pub fn new(provider: P) -> Self {
        Self {
            shape: Shape::new(provider.schema()),
            offers: provider.offers(),
            session: Session::new(),
            provider,
        }
    }
}

/// Runs the work of one RPC: its log lines carry the RPC and the type, and a panic that no outcome
/// could express becomes a status instead of a dead connection.
async fn rpc<T>(
    name: &'static str,
    type_name: &str,
    work: impl Future<Output = T>,
) -> Result<Response<T>, Status> {
    let span = tracing::info_span!("rpc", tf_rpc = name, tf_type = type_name);
    contain(name, work)
        .instrument(span)
        .await
        .map(Response::new)
        .map_err(|panic| Status::internal(panic.detail))
}

fn unimplemented<T>(rpc: &str) -> Result<T, Status> {
    Err(Status::unimplemented(format!("{rpc} is not offered by this provider")))
}

/// The streams of state stores, which this service does not offer.
type NoStream<T> = tokio_stream::Empty<Result<T, Status>>;

#[tonic::async_trait]
impl<P: Provider> proto::provider_server::Provider for Service<P> {
    async fn get_metadata(
        &self,
        _: Request<get_metadata::Request>,
    ) -> Result<Response<get_metadata::Response>, Status> {
        rpc("GetMetadata", "", async { self.metadata() }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        rpc("GetProviderSchema", "", async { self.schemas() }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Result<Response<get_resource_identity_schemas::Response>, Status> {
        rpc("GetResourceIdentitySchemas", "", async { self.identity_schemas() }).await
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        rpc("GetFunctions", "", async {
            get_functions::Response { functions: self.functions(), ..Default::default() }
        })
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        rpc("ValidateProviderConfig", "", self.validate(request.into_inner())).await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        rpc("ConfigureProvider", "", self.configure(request.into_inner())).await
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        rpc("StopProvider", "", async {
            self.session.stop();
            stop_provider::Response::default()
        })
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Result<Response<validate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("ValidateResourceConfig", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.validate(request).await,
                None => validate_resource_config::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                },
            }
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Result<Response<upgrade_resource_state::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("UpgradeResourceState", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.upgrade(request).await,
                None => upgrade_resource_state::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<upgrade_resource_identity::Request>,
    ) -> Result<Response<upgrade_resource_identity::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("UpgradeResourceIdentity", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.upgrade_identity(request).await,
                None => upgrade_resource_identity::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("ReadResource", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.read(call, request).await,
                None => read_resource::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Result<Response<plan_resource_change::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("PlanResourceChange", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.plan(call, request).await,
                None => plan_resource_change::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Result<Response<apply_resource_change::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(None);
        rpc("ApplyResourceChange", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.apply(call, request).await,
                None => apply_resource_change::Response {
                    new_state: request.prior_state,
                    private: request.planned_private,
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Result<Response<import_resource_state::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("ImportResourceState", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.import(call, request).await,
                None => import_resource_state::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Result<Response<move_resource_state::Response>, Status> {
        let request = request.into_inner();
        let name = request.target_type_name.clone();
        rpc("MoveResourceState", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.take_over(request).await,
                None => move_resource_state::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<generate_resource_config::Request>,
    ) -> Result<Response<generate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("GenerateResourceConfig", &name, async {
            match self.offers.resources.get(name.as_str()) {
                Some(resource) => resource.generate(request).await,
                None => generate_resource_config::Response {
                    diagnostics: messages([unknown_type("resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Result<Response<validate_data_resource_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("ValidateDataResourceConfig", &name, async {
            match self.offers.data_sources.get(name.as_str()) {
                Some(source) => source.validate(request).await,
                None => validate_data_resource_config::Response {
                    diagnostics: messages([unknown_type("data source", &name)]),
                },
            }
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("ReadDataSource", &name, async {
            match self.offers.data_sources.get(name.as_str()) {
                Some(source) => source.read(call, request).await,
                None => read_data_source::Response {
                    diagnostics: messages([unknown_type("data source", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<validate_ephemeral_resource_config::Request>,
    ) -> Result<Response<validate_ephemeral_resource_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("ValidateEphemeralResourceConfig", &name, async {
            match self.offers.ephemeral_resources.get(name.as_str()) {
                Some(resource) => resource.validate(request).await,
                None => validate_ephemeral_resource_config::Response {
                    diagnostics: messages([unknown_type("ephemeral resource", &name)]),
                },
            }
        })
        .await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<open_ephemeral_resource::Request>,
    ) -> Result<Response<open_ephemeral_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("OpenEphemeralResource", &name, async {
            match self.offers.ephemeral_resources.get(name.as_str()) {
                Some(resource) => resource.open(call, request).await,
                None => open_ephemeral_resource::Response {
                    diagnostics: messages([unknown_type("ephemeral resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<renew_ephemeral_resource::Request>,
    ) -> Result<Response<renew_ephemeral_resource::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(None);
        rpc("RenewEphemeralResource", &name, async {
            match self.offers.ephemeral_resources.get(name.as_str()) {
                Some(resource) => resource.renew(call, request).await,
                None => renew_ephemeral_resource::Response {
                    diagnostics: messages([unknown_type("ephemeral resource", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<close_ephemeral_resource::Request>,
    ) -> Result<Response<close_ephemeral_resource::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.session.call(None);
        rpc("CloseEphemeralResource", &name, async {
            match self.offers.ephemeral_resources.get(name.as_str()) {
                Some(resource) => resource.close(call, request).await,
                None => close_ephemeral_resource::Response {
                    diagnostics: messages([unknown_type("ephemeral resource", &name)]),
                },
            }
        })
        .await
    }

    type ListResourceStream = list_resource::Events;

    async fn list_resource(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Result<Response<Self::ListResourceStream>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let Some(list) = self.offers.list_resources.get(name.as_str()) else {
            return Err(Status::invalid_argument(unknown_type("list", &name).detail));
        };
        let call = self.session.call(None);
        rpc("ListResource", &name, async { Arc::clone(list).list(call, request) }).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<validate_list_resource_config::Request>,
    ) -> Result<Response<validate_list_resource_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        rpc("ValidateListResourceConfig", &name, async {
            match self.offers.list_resources.get(name.as_str()) {
                Some(list) => list.validate(request).await,
                None => validate_list_resource_config::Response {
                    diagnostics: messages([unknown_type("list", &name)]),
                },
            }
        })
        .await
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Result<Response<call_function::Response>, Status> {
        let request = request.into_inner();
        rpc("CallFunction", "", async { self.call(request) }).await
    }

    async fn validate_action_config(
        &self,
        request: Request<validate_action_config::Request>,
    ) -> Result<Response<validate_action_config::Response>, Status> {
        let request = request.into_inner();
        let name = request.action_type.clone();
        rpc("ValidateActionConfig", &name, async {
            match self.offers.actions.get(name.as_str()) {
                Some(action) => action.validate(request).await,
                None => validate_action_config::Response {
                    diagnostics: messages([unknown_type("action", &name)]),
                },
            }
        })
        .await
    }

    async fn plan_action(
        &self,
        request: Request<plan_action::Request>,
    ) -> Result<Response<plan_action::Response>, Status> {
        let mut request = request.into_inner();
        let name = request.action_type.clone();
        let call = self.session.call(request.client_capabilities.take());
        rpc("PlanAction", &name, async {
            match self.offers.actions.get(name.as_str()) {
                Some(action) => action.plan(call, request).await,
                None => plan_action::Response {
                    diagnostics: messages([unknown_type("action", &name)]),
                    ..Default::default()
                },
            }
        })
        .await
    }

    type InvokeActionStream = action::Events;

    async fn invoke_action(
        &self,
        request: Request<invoke_action::Request>,
    ) -> Result<Response<Self::InvokeActionStream>, Status> {
        let mut request = request.into_inner();
        let name = request.action_type.clone();
        let Some(action) = self.offers.actions.get(name.as_str()) else {
            return Err(Status::invalid_argument(unknown_type("action", &name).detail));
        };
        let call = self.session.call(request.client_capabilities.take());
        rpc("InvokeAction", &name, async { Arc::clone(action).invoke(call, request) }).await
    }

    async fn validate_state_store_config(
        &self,
        _: Request<validate_state_store_config::Request>,
    ) -> Result<Response<validate_state_store_config::Response>, Status> {
        unimplemented("ValidateStateStoreConfig")
    }

    async fn configure_state_store(
        &self,
        _: Request<configure_state_store::Request>,
    ) -> Result<Response<configure_state_store::Response>, Status> {
        unimplemented("ConfigureStateStore")
    }

    type ReadStateBytesStream = NoStream<read_state_bytes::ResponseChunk>;

    async fn read_state_bytes(
        &self,
        _: Request<read_state_bytes::Request>,
    ) -> Result<Response<Self::ReadStateBytesStream>, Status> {
        unimplemented("ReadStateBytes")
    }

    async fn write_state_bytes(
        &self,
        _: Request<Streaming<write_state_bytes::RequestChunk>>,
    ) -> Result<Response<write_state_bytes::Response>, Status> {
        unimplemented("WriteStateBytes")
    }

    async fn lock_state(
        &self,
        _: Request<lock_state::Request>,
    ) -> Result<Response<lock_state::Response>, Status> {
        unimplemented("LockState")
    }

    async fn unlock_state(
        &self,
        _: Request<unlock_state::Request>,
    ) -> Result<Response<unlock_state::Response>, Status> {
        unimplemented("UnlockState")
    }

    async fn get_states(
        &self,
        _: Request<get_states::Request>,
    ) -> Result<Response<get_states::Response>, Status> {
        unimplemented("GetStates")
    }

    async fn delete_state(
        &self,
        _: Request<delete_state::Request>,
    ) -> Result<Response<delete_state::Response>, Status> {
        unimplemented("DeleteState")
    }
}
