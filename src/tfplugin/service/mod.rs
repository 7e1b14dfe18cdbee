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
#[cfg(test)]
mod tests;
mod wire;

use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use self::session::Session;
pub(crate) use self::wire::Shape;
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
    Err(Status::unimplemented(format!(
        "{rpc} is not offered by this provider"
    )))
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
        rpc("GetResourceIdentitySchemas", "", async {
            self.identity_schemas()
        })
        .await
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        rpc("GetFunctions", "", async {
            get_functions::Response {
                functions: self.functions(),
                ..Default::default()
            }
        })
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        rpc(
            "ValidateProviderConfig",
            "",
            self.validate(request.into_inner()),
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        rpc(
            "ConfigureProvider",
            "",
            self.configure(request.into_inner()),
        )
        .await
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
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let resource = self.offers.resource_named(&name)?;
        rpc("ValidateResourceConfig", &name, resource.validate(request)).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Result<Response<upgrade_resource_state::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let resource = self.offers.resource_named(&name)?;
        rpc("UpgradeResourceState", &name, resource.upgrade(request)).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<upgrade_resource_identity::Request>,
    ) -> Result<Response<upgrade_resource_identity::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let resource = self.offers.resource_named(&name)?;
        rpc(
            "UpgradeResourceIdentity",
            &name,
            resource.upgrade_identity(request),
        )
        .await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(request.client_capabilities.take());
        let resource = self.offers.resource_named(&name)?;
        rpc("ReadResource", &name, resource.read(call, request)).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Result<Response<plan_resource_change::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(request.client_capabilities.take());
        let resource = self.offers.resource_named(&name)?;
        rpc("PlanResourceChange", &name, resource.plan(call, request)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Result<Response<apply_resource_change::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(None);
        let resource = self.offers.resource_named(&name)?;
        rpc("ApplyResourceChange", &name, resource.apply(call, request)).await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Result<Response<import_resource_state::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(request.client_capabilities.take());
        let resource = self.offers.resource_named(&name)?;
        rpc("ImportResourceState", &name, resource.import(call, request)).await
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Result<Response<move_resource_state::Response>, Status> {
        let request = request.into_inner();
        let name = request.target_type_name.clone();
        let resource = self.offers.resource_named(&name)?;
        rpc("MoveResourceState", &name, resource.take_over(request)).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<generate_resource_config::Request>,
    ) -> Result<Response<generate_resource_config::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let resource = self.offers.resource_named(&name)?;
        rpc("GenerateResourceConfig", &name, resource.generate(request)).await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Result<Response<validate_data_resource_config::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let data_source = self.offers.data_source_named(&name)?;
        rpc(
            "ValidateDataResourceConfig",
            &name,
            data_source.validate(request),
        )
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(request.client_capabilities.take());
        let data_source = self.offers.data_source_named(&name)?;
        rpc("ReadDataSource", &name, data_source.read(call, request)).await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<validate_ephemeral_resource_config::Request>,
    ) -> Result<Response<validate_ephemeral_resource_config::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let ephemeral_resource = self.offers.ephemeral_resource_named(&name)?;
        rpc(
            "ValidateEphemeralResourceConfig",
            &name,
            ephemeral_resource.validate(request),
        )
        .await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<open_ephemeral_resource::Request>,
    ) -> Result<Response<open_ephemeral_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(request.client_capabilities.take());
        let ephemeral_resource = self.offers.ephemeral_resource_named(&name)?;
        rpc(
            "OpenEphemeralResource",
            &name,
            ephemeral_resource.open(call, request),
        )
        .await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<renew_ephemeral_resource::Request>,
    ) -> Result<Response<renew_ephemeral_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(None);
        let ephemeral_resource = self.offers.ephemeral_resource_named(&name)?;
        rpc(
            "RenewEphemeralResource",
            &name,
            ephemeral_resource.renew(call, request),
        )
        .await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<close_ephemeral_resource::Request>,
    ) -> Result<Response<close_ephemeral_resource::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let call = self.session.call(None);
        let ephemeral_resource = self.offers.ephemeral_resource_named(&name)?;
        rpc(
            "CloseEphemeralResource",
            &name,
            ephemeral_resource.close(call, request),
        )
        .await
    }

    type ListResourceStream = list_resource::Events;

    async fn list_resource(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Result<Response<Self::ListResourceStream>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let list = self.offers.list_named(&name)?;
        let call = self.session.call(None);
        rpc("ListResource", &name, async { list.list(call, request) }).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<validate_list_resource_config::Request>,
    ) -> Result<Response<validate_list_resource_config::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.type_name);
        let list = self.offers.list_named(&name)?;
        rpc("ValidateListResourceConfig", &name, list.validate(request)).await
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
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.action_type);
        let action = self.offers.action_named(&name)?;
        rpc("ValidateActionConfig", &name, action.validate(request)).await
    }

    async fn plan_action(
        &self,
        request: Request<plan_action::Request>,
    ) -> Result<Response<plan_action::Response>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.action_type);
        let call = self.session.call(request.client_capabilities.take());
        let action = self.offers.action_named(&name)?;
        rpc("PlanAction", &name, action.plan(call, request)).await
    }

    type InvokeActionStream = action::Events;

    async fn invoke_action(
        &self,
        request: Request<invoke_action::Request>,
    ) -> Result<Response<Self::InvokeActionStream>, Status> {
        let mut request = request.into_inner();
        let name = std::mem::take(&mut request.action_type);
        let action = self.offers.action_named(&name)?;
        let call = self.session.call(request.client_capabilities.take());
        rpc("InvokeAction", &name, async {
            action.invoke(call, request)
        })
        .await
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
