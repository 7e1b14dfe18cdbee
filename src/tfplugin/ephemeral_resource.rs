//! Ephemeral resources: values that no state and no plan keeps. Since protocol 6.7.

use std::{future::Future, time::SystemTime};

use super::{
    context::Configured, diagnostics::Diagnostic, model::Model, outcome::HandlerResult,
    schema::Schema,
};

/// Something that core opens when it is needed, and closes at the end of the run.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Attr, Attribute, Configured, EphemeralResource, HandlerResult, Opened, Schema,
/// };
///
/// #[derive(Deserialize, Serialize)]
/// struct Ticket {
///     code: Attr<String>,
/// }
///
/// struct TicketEphemeralResource;
///
/// impl EphemeralResource for TicketEphemeralResource {
///     type Client = ();
///     type Model = Ticket;
///
///     fn type_name(&self) -> &'static str {
///         "library_ticket"
///     }
///     fn schema(&self) -> Schema {
///         let code = Attribute::string("code").computed().sensitive();
///         Schema::new("A ticket for one visit.").attribute(code.description("Shown at the door."))
///     }
///     async fn open(&self, _: &Configured<()>, _: Ticket) -> HandlerResult<Opened<Ticket>> {
///         let ticket = Ticket { code: "0451".to_owned().into() };
///         Ok(Opened::from(ticket)).into()
///     }
/// }
/// ```
pub trait EphemeralResource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Client: Send + Sync + 'static;
    /// The attributes: arguments and results.
    type Model: Model;

    /// As users write it, with the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may have unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Fills in the results. The arguments are known, and defaults filled in.
    fn open(
        &self,
        context: &Configured<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = HandlerResult<Opened<Self::Model>>> + Send;

    /// Keeps it open. Core calls at `renew_at`; `private` is the latest that was returned.
    fn renew(
        &self,
        context: &Configured<Self::Client>,
        private: Vec<u8>,
    ) -> impl Future<Output = HandlerResult<Renewal>> + Send {
        let _ = context;
        async {
            Ok(Renewal {
                private,
                renew_at: None,
            })
            .into()
        }
    }

    /// Closes it. `private` is that of `open` under Terraform, the latest under OpenTofu.
    fn close(
        &self,
        context: &Configured<Self::Client>,
        private: Vec<u8>,
    ) -> impl Future<Output = HandlerResult<()>> + Send {
        let _ = (context, private);
        async { Ok(()).into() }
    }
}

/// An opened ephemeral resource.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<M> {
    /// Arguments and results.
    pub result: M,
    /// What it takes to renew and close it.
    pub renewal: Renewal,
}

impl<M> Opened<M> {
    /// The same, to be renewed and closed with this.
    #[must_use]
    pub fn renewal(self, renewal: Renewal) -> Self {
        Self { renewal, ..self }
    }
}

/// Opened, with nothing to renew or to close.
impl<M> From<M> for Opened<M> {
    fn from(result: M) -> Self {
        Self {
            result,
            renewal: Renewal::default(),
        }
    }
}

/// What it takes to renew and close an ephemeral resource.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Renewal {
    /// Given back by core; never stored.
    pub private: Vec<u8>,
    /// When core shall renew it, if ever.
    pub renew_at: Option<SystemTime>,
}

impl Renewal {
    /// With this private data, never to be renewed.
    pub fn new(private: Vec<u8>) -> Self {
        Self {
            private,
            renew_at: None,
        }
    }

    /// The same, to be renewed then.
    #[must_use]
    pub fn at(self, renew_at: SystemTime) -> Self {
        Self {
            renew_at: Some(renew_at),
            ..self
        }
    }
}
