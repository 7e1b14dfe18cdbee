//! The gRPC service: which RPC goes to which handler.
//!
//! The table of RPCs is here, and [`provider`] has those that are for the provider as a whole. What a handler needs
//! beside its request, such as the configured client, outlives the RPCs in [`session`].

mod provider;
#[cfg(test)]
mod service_tests;
mod session;

use std::{collections::BTreeMap, mem, sync::Arc};

use tonic::{Request, Response, Status, Streaming, service::Routes};
use tracing::Instrument;

use self::session::Session;
use super::{
    handlers::{Handlers, action, list_resource},
    panic::catch_panic,
    proto::{self, provider_server::ProviderServer},
    provider::Provider,
    wire::SchemaCodec,
};

/// The largest message, both ways, as core has it.
const MAX_MESSAGE: usize = 256 << 20;

/// A provider as the generated server wants it.
pub struct Service<P: Provider> {
    provider: P,
    codec: SchemaCodec,
    handlers: Handlers<P::Client>,
    session: Session<P::Client>,
}

impl<P: Provider> Service<P> {
    /// A service of `provider`, not configured yet.
    pub fn new(provider: P) -> Self {
        Self {
            codec: SchemaCodec::new(provider.schema()),
            handlers: provider.handlers(),
            session: Session::new(),
            provider,
        }
    }

    /// The routes of a gRPC server: every RPC of the protocol.
    pub fn routes(self: Arc<Self>) -> Routes {
        Routes::new(
            ProviderServer::from_arc(self)
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
        )
    }

    /// Asks every RPC under way to end soon, as the RPC `StopProvider` does.
    pub fn stop_rpcs(&self) {
        self.session.stop();
    }
}

/// Runs the work of one RPC: its log lines carry the RPC and the type, and a panic that no outcome
/// could express becomes a status instead of a closed connection.
async fn respond<T>(
    rpc: &'static str,
    type_name: &str,
    work: impl Future<Output = T>,
) -> Result<Response<T>, Status> {
    let span = tracing::info_span!("rpc", tf_rpc = rpc, tf_type = type_name);
    catch_panic(rpc, work)
        .instrument(span)
        .await
        .map(Response::new)
        .map_err(|panic| Status::internal(panic.detail))
}

/// The handler with this name. Core asks only for what the schema has.
fn find<T: ?Sized>(
    handlers: &BTreeMap<&'static str, Arc<T>>,
    rpc: &str,
    name: &str,
) -> Result<Arc<T>, Status> {
    let handler = handlers.get(name);
    let unknown = || Status::unimplemented(format!("{rpc}: this provider has no {name:?}"));
    handler.cloned().ok_or_else(unknown)
}

fn unimplemented<T>(rpc: &str) -> Result<T, Status> {
    Err(Status::unimplemented(format!(
        "{rpc} is not offered by this provider"
    )))
}

/// The streams of state stores, which this service does not offer.
type NoStream<T> = tokio_stream::Empty<Result<T, Status>>;

/// How one RPC is served:
/// - `provider.METHOD`: by the provider as a whole, that is, by a method of [`Service`];
/// - `KIND[NAME].METHOD`: by the handler of this kind that a field of the request names;
/// - the same with `(context)`: the handler also gets a context, and core says nothing of what it can do;
/// - the same with `(context: FIELD)`: a field of the request says what core can do.
macro_rules! serve {
    ($self:ident, $request:ident, $rpc:literal, provider.$method:ident) => {
        respond($rpc, "", $self.$method($request.into_inner())).await
    };
    ($self:ident, $request:ident, $rpc:literal, $kind:ident[$name:ident].$method:ident) => {{
        let mut request = $request.into_inner();
        let name = mem::take(&mut request.$name);
        let handler = find(&$self.handlers.$kind, $rpc, &name)?;
        respond($rpc, &name, handler.$method(request)).await
    }};
    ($self:ident, $request:ident, $rpc:literal,
        $kind:ident[$name:ident].$method:ident(context $(: $capabilities:ident)?)) => {{
        let mut request = $request.into_inner();
        let name = mem::take(&mut request.$name);
        let handler = find(&$self.handlers.$kind, $rpc, &name)?;
        let capabilities = None $(.or(request.$capabilities.take()))?;
        let context = $self.session.context(capabilities);
        respond($rpc, &name, handler.$method(context, request)).await
    }};
    ($self:ident, $request:ident, $rpc:literal, unimplemented) => {{
        drop($request);
        unimplemented($rpc)
    }};
}

/// The service, from a line for each RPC: its name, the method and the module that the generator made of that name, and
/// how it is served. What follows the lines is what does not have the form of the others.
macro_rules! rpc_table {
    ($($rpc:literal $method:ident { $($how:tt)* })* irregular { $($irregular:tt)* }) => {
        #[tonic::async_trait]
        impl<P: Provider> proto::provider_server::Provider for Service<P> {
            $(
                async fn $method(
                    &self,
                    request: Request<proto::$method::Request>,
                ) -> Result<Response<proto::$method::Response>, Status> {
                    serve!(self, request, $rpc, $($how)*)
                }
            )*
            $($irregular)*
        }
    };
}

rpc_table! {
    "GetMetadata" get_metadata { provider.metadata }
    "GetProviderSchema" get_provider_schema { provider.schemas }
    "GetResourceIdentitySchemas" get_resource_identity_schemas { provider.identity_schemas }
    "GetFunctions" get_functions { provider.functions }
    "ValidateProviderConfig" validate_provider_config { provider.validate }
    "ConfigureProvider" configure_provider { provider.configure }
    "StopProvider" stop_provider { provider.stop }
    "CallFunction" call_function { provider.call }

    "ValidateResourceConfig" validate_resource_config { resources[type_name].validate }
    "UpgradeResourceState" upgrade_resource_state { resources[type_name].upgrade }
    "UpgradeResourceIdentity" upgrade_resource_identity { resources[type_name].upgrade_identity }
    "ReadResource" read_resource { resources[type_name].read(context: client_capabilities) }
    "PlanResourceChange" plan_resource_change { resources[type_name].plan(context: client_capabilities) }
    "ApplyResourceChange" apply_resource_change { resources[type_name].apply(context) }
    "ImportResourceState" import_resource_state { resources[type_name].import(context: client_capabilities) }
    "MoveResourceState" move_resource_state { resources[target_type_name].move_state }
    "GenerateResourceConfig" generate_resource_config { resources[type_name].generate }

    "ValidateDataResourceConfig" validate_data_resource_config { data_sources[type_name].validate }
    "ReadDataSource" read_data_source { data_sources[type_name].read(context: client_capabilities) }

    "ValidateEphemeralResourceConfig" validate_ephemeral_resource_config { ephemeral_resources[type_name].validate }
    "OpenEphemeralResource" open_ephemeral_resource { ephemeral_resources[type_name].open(context: client_capabilities) }
    "RenewEphemeralResource" renew_ephemeral_resource { ephemeral_resources[type_name].renew(context) }
    "CloseEphemeralResource" close_ephemeral_resource { ephemeral_resources[type_name].close(context) }

    "ValidateListResourceConfig" validate_list_resource_config { list_resources[type_name].validate }

    "ValidateActionConfig" validate_action_config { actions[type_name].validate }
    "PlanAction" plan_action { actions[action_type].plan(context: client_capabilities) }

    "ConfigureStateStore" configure_state_store { unimplemented }
    "LockState" lock_state { unimplemented }
    "UnlockState" unlock_state { unimplemented }
    "GetStates" get_states { unimplemented }
    "DeleteState" delete_state { unimplemented }

    irregular {
        type ListResourceStream = list_resource::Events;

        async fn list_resource(
            &self,
            request: Request<proto::list_resource::Request>,
        ) -> Result<Response<Self::ListResourceStream>, Status> {
            serve!(self, request, "ListResource", list_resources[type_name].list(context))
        }

        type InvokeActionStream = action::Events;

        async fn invoke_action(
            &self,
            request: Request<proto::invoke_action::Request>,
        ) -> Result<Response<Self::InvokeActionStream>, Status> {
            serve!(self, request, "InvokeAction", actions[action_type].invoke(context: client_capabilities))
        }

        async fn validate_state_store_config(
            &self,
            _: Request<proto::validate_state_store::Request>,
        ) -> Result<Response<proto::validate_state_store::Response>, Status> {
            unimplemented("ValidateStateStoreConfig")
        }

        type ReadStateBytesStream = NoStream<proto::read_state_bytes::Response>;

        async fn read_state_bytes(
            &self,
            _: Request<proto::read_state_bytes::Request>,
        ) -> Result<Response<Self::ReadStateBytesStream>, Status> {
            unimplemented("ReadStateBytes")
        }

        async fn write_state_bytes(
            &self,
            _: Request<Streaming<proto::write_state_bytes::RequestChunk>>,
        ) -> Result<Response<proto::write_state_bytes::Response>, Status> {
            unimplemented("WriteStateBytes")
        }
    }
}
