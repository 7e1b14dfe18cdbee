//! The register of everything that users can write.

use std::{collections::BTreeMap, sync::Arc};

use tonic::Status;

use super::{
    action::Action,
    data_source::DataSource,
    ephemeral_resource::EphemeralResource,
    function::Function,
    list_resource::ListResource,
    resource::Resource,
    service::{
        action::{AnyAction, RegisteredAction},
        data_source::{AnyDataSource, RegisteredDataSource},
        ephemeral_resource::{AnyEphemeralResource, RegisteredEphemeralResource},
        list_resource::{AnyListResource, RegisteredListResource},
        resource::{AnyResource, RegisteredResource},
    },
};

/// What a provider offers, kind by kind, by type name. `C` is its configured client.
///
/// ```
/// # use terraform_provider_immuta::tfplugin::{Function, FunctionError, Signature, value::{Type, Value}};
/// # struct Pi;
/// # impl Function for Pi {
/// #     fn name(&self) -> &'static str { "pi" }
/// #     fn signature(&self) -> Signature {
/// #         Signature { parameters: vec![], returns: Type::Number, summary: "Pi", description: "Roughly." }
/// #     }
/// #     fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> { Ok(Value::from(3)) }
/// # }
/// use terraform_provider_immuta::tfplugin::Offers;
///
/// // A line for each thing that users can write; `()` is the client of this provider.
/// let offers: Offers<()> = Offers::new().function(Pi);
/// ```
pub struct Offers<C> {
    pub(super) resources: BTreeMap<&'static str, Box<dyn AnyResource<C>>>,
    pub(super) data_sources: BTreeMap<&'static str, Box<dyn AnyDataSource<C>>>,
    pub(super) ephemeral_resources: BTreeMap<&'static str, Box<dyn AnyEphemeralResource<C>>>,
    pub(super) list_resources: BTreeMap<&'static str, Arc<dyn AnyListResource<C>>>,
    pub(super) actions: BTreeMap<&'static str, Arc<dyn AnyAction<C>>>,
    pub(super) functions: BTreeMap<&'static str, Box<dyn Function>>,
}

impl<C> Default for Offers<C> {
    fn default() -> Self {
        Self {
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            list_resources: BTreeMap::new(),
            actions: BTreeMap::new(),
            functions: BTreeMap::new(),
        }
    }
}

impl<C: Send + Sync + 'static> Offers<C> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One resource more.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource<Client = C>) -> Self {
        self.resources.insert(
            resource.type_name(),
            Box::new(RegisteredResource::new(resource)),
        );
        self
    }

    /// One data source more.
    #[must_use]
    pub fn data_source(mut self, source: impl DataSource<Client = C>) -> Self {
        self.data_sources.insert(
            source.type_name(),
            Box::new(RegisteredDataSource::new(source)),
        );
        self
    }

    /// One ephemeral resource more.
    #[must_use]
    pub fn ephemeral_resource(mut self, resource: impl EphemeralResource<Client = C>) -> Self {
        self.ephemeral_resources.insert(
            resource.type_name(),
            Box::new(RegisteredEphemeralResource::new(resource)),
        );
        self
    }

    /// One list resource more.
    #[must_use]
    pub fn list_resource<L>(mut self, list: L) -> Self
    where
        L: ListResource,
        L::Resource: Resource<Client = C>,
    {
        self.list_resources.insert(
            list.resource().type_name(),
            Arc::new(RegisteredListResource::new(list)),
        );
        self
    }

    /// One action more.
    #[must_use]
    pub fn action(mut self, action: impl Action<Client = C>) -> Self {
        self.actions
            .insert(action.type_name(), Arc::new(RegisteredAction::new(action)));
        self
    }

    /// One function more.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        self.functions.insert(function.name(), Box::new(function));
        self
    }
}

/// Core asks only for what the schema has, so a name that is not there is a fault of the caller.
fn known<'a, T>(
    named: &'a BTreeMap<&'static str, T>,
    kind: &str,
    name: &str,
) -> Result<&'a T, Status> {
    named
        .get(name)
        .ok_or_else(|| Status::unimplemented(format!("this provider has no {kind} {name:?}")))
}

impl<C> Offers<C> {
    pub(super) fn resource_named(&self, name: &str) -> Result<&dyn AnyResource<C>, Status> {
        known(&self.resources, "resource", name).map(Box::as_ref)
    }

    pub(super) fn data_source_named(&self, name: &str) -> Result<&dyn AnyDataSource<C>, Status> {
        known(&self.data_sources, "data source", name).map(Box::as_ref)
    }

    pub(super) fn ephemeral_resource_named(
        &self,
        name: &str,
    ) -> Result<&dyn AnyEphemeralResource<C>, Status> {
        known(&self.ephemeral_resources, "ephemeral resource", name).map(Box::as_ref)
    }

    pub(super) fn list_named(&self, name: &str) -> Result<Arc<dyn AnyListResource<C>>, Status> {
        known(&self.list_resources, "list resource", name).cloned()
    }

    pub(super) fn action_named(&self, name: &str) -> Result<Arc<dyn AnyAction<C>>, Status> {
        known(&self.actions, "action", name).cloned()
    }
}
