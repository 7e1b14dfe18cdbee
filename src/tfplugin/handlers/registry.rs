//! The register of everything that users can write.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    action::{AnyAction, RegisteredAction},
    data_source::{AnyDataSource, RegisteredDataSource},
    ephemeral_resource::{AnyEphemeralResource, RegisteredEphemeralResource},
    list_resource::{AnyListResource, RegisteredListResource},
    resource::{AnyResource, RegisteredResource},
};
use crate::tfplugin::{
    action::Action, data_source::DataSource, ephemeral_resource::EphemeralResource,
    function::Function, list_resource::ListResource, resource::Resource,
};

/// The handlers of a provider, by kind and by type name. `C` is its configured client.
///
/// ```
/// # use terraform_provider_immuta::tfplugin::{Function, FunctionError, FunctionDefinition, value::{Type, Value}};
/// # struct Pi;
/// # impl Function for Pi {
/// #     fn name(&self) -> &'static str { "pi" }
/// #     fn definition(&self) -> FunctionDefinition {
/// #         FunctionDefinition::new(Type::Number, "Pi", "Roughly.")
/// #     }
/// #     fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> { Ok(Value::from(3)) }
/// # }
/// use terraform_provider_immuta::tfplugin::Handlers;
///
/// // A line for each thing that users can write; `()` is the client of this provider.
/// let handlers: Handlers<()> = Handlers::new().function(Pi);
/// ```
pub struct Handlers<C> {
    pub(in crate::tfplugin) resources: BTreeMap<&'static str, Arc<dyn AnyResource<C>>>,
    pub(in crate::tfplugin) data_sources: BTreeMap<&'static str, Arc<dyn AnyDataSource<C>>>,
    pub(in crate::tfplugin) ephemeral_resources:
        BTreeMap<&'static str, Arc<dyn AnyEphemeralResource<C>>>,
    pub(in crate::tfplugin) list_resources: BTreeMap<&'static str, Arc<dyn AnyListResource<C>>>,
    pub(in crate::tfplugin) actions: BTreeMap<&'static str, Arc<dyn AnyAction<C>>>,
    pub(in crate::tfplugin) functions: BTreeMap<&'static str, Arc<dyn Function>>,
    /// Names that two handlers of one kind have; the later one serves.
    pub(in crate::tfplugin) duplicates: Vec<&'static str>,
}

impl<C> Default for Handlers<C> {
    fn default() -> Self {
        Self {
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            list_resources: BTreeMap::new(),
            actions: BTreeMap::new(),
            functions: BTreeMap::new(),
            duplicates: Vec::new(),
        }
    }
}

impl<C: Send + Sync + 'static> Handlers<C> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One resource more.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource<Client = C>) -> Self {
        let name = resource.type_name();
        let handler = Arc::new(RegisteredResource::new(resource));
        let earlier = self.resources.insert(name, handler);
        self.note(name, earlier)
    }

    /// One data source more.
    #[must_use]
    pub fn data_source(mut self, source: impl DataSource<Client = C>) -> Self {
        let name = source.type_name();
        let handler = Arc::new(RegisteredDataSource::new(source));
        let earlier = self.data_sources.insert(name, handler);
        self.note(name, earlier)
    }

    /// One ephemeral resource more.
    #[must_use]
    pub fn ephemeral_resource(mut self, resource: impl EphemeralResource<Client = C>) -> Self {
        let name = resource.type_name();
        let handler = Arc::new(RegisteredEphemeralResource::new(resource));
        let earlier = self.ephemeral_resources.insert(name, handler);
        self.note(name, earlier)
    }

    /// One list resource more.
    #[must_use]
    pub fn list_resource<L>(mut self, list: L) -> Self
    where
        L: ListResource,
        L::Resource: Resource<Client = C>,
    {
        let name = list.resource().type_name();
        let handler = Arc::new(RegisteredListResource::new(list));
        let earlier = self.list_resources.insert(name, handler);
        self.note(name, earlier)
    }

    /// One action more.
    #[must_use]
    pub fn action(mut self, action: impl Action<Client = C>) -> Self {
        let name = action.type_name();
        let handler = Arc::new(RegisteredAction::new(action));
        let earlier = self.actions.insert(name, handler);
        self.note(name, earlier)
    }

    /// One function more.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        let name = function.name();
        let earlier = self.functions.insert(name, Arc::new(function));
        self.note(name, earlier)
    }

    fn note<H: ?Sized>(mut self, name: &'static str, earlier: Option<Arc<H>>) -> Self {
        self.duplicates.extend(earlier.map(|_| name));
        self
    }
}
