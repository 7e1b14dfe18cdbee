//! The simulator as tests hold it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::admin;
use crate::behaviour::Behaviour;
use crate::delivery::Courier;
use crate::fault::{Fault, FaultId};
use crate::history::DeliveryRecord;
use crate::receiver::Receiver;
use crate::recorded::RecordedRequest;
use crate::route::BASE_PATH;
use crate::server::Server;
use crate::service;
use crate::store::StoredWebhook;
use crate::tls::Identity;
use crate::watched::Watched;
use crate::world::{Shared, World};

/// How long [`Simulator::wait_for`] waits: far longer than anything in a test takes.
const BOUND: Duration = Duration::from_secs(60);

/// A running simulator. It ends when it is dropped, with every connection.
#[derive(Debug)]
pub struct Simulator {
    server: Server,
    shared: Arc<Shared>,
    ca_pem: Option<String>,
}

/// How a simulator is to be.
#[derive(Default)]
pub struct SimulatorBuilder {
    port: u16,
    https: bool,
    token: Option<String>,
    behaviour: Behaviour,
    webhooks: Vec<StoredWebhook>,
    trusted: Vec<String>,
    proxy: Option<String>,
    inbox: Option<Arc<crate::receiver::Inbox>>,
}

/// Does not show the token.
impl std::fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("port", &self.port)
            .field("https", &self.https)
            .field("behaviour", &self.behaviour)
            .finish_non_exhaustive()
    }
}

impl SimulatorBuilder {
    /// Listens on this port; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Speaks TLS, with a certificate under a CA of its own ([`Simulator::ca_pem`]). HTTP/2 is offered.
    #[must_use]
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Takes this token; else it makes one.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Behaves like this from the start.
    #[must_use]
    pub fn behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// Holds `count` webhooks more from the start, each with a url of its own.
    #[must_use]
    pub fn webhooks(mut self, count: usize) -> Self {
        let before = self.webhooks.len();
        self.webhooks.extend(
            (before..before + count)
                .map(|n| StoredWebhook::new(format!("https://hooks.example.com/prefilled/{n}"))),
        );
        self
    }

    /// Trusts the certificates in this PEM text when it delivers, besides the platform's.
    #[must_use]
    pub fn trust(mut self, pem: impl Into<String>) -> Self {
        self.trusted.push(pem.into());
        self
    }

    /// Delivers through this HTTP proxy, so that any host name can lead to a receiver.
    #[must_use]
    pub fn deliver_through(mut self, proxy: impl Into<String>) -> Self {
        self.proxy = Some(proxy.into());
        self
    }

    /// Shows this receiver's deliveries at the admin routes, and trusts its CA.
    #[must_use]
    pub fn receiver(mut self, receiver: &Receiver) -> Self {
        self.inbox = Some(receiver.inbox());
        self.trusted.extend(receiver.ca_pem().map(str::to_owned));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The port is taken, a trusted certificate is none, or the thread or the certificate cannot be made.
    pub fn start(self) -> io::Result<Simulator> {
        let courier = Courier::default();
        for pem in &self.trusted {
            courier.trust(pem).map_err(io::Error::other)?;
        }
        if let Some(proxy) = &self.proxy {
            courier.through(proxy).map_err(io::Error::other)?;
        }
        let token = self
            .token
            .unwrap_or_else(|| format!("imm-{}", uuid::Uuid::new_v4().simple()));
        let mut world = World::new(token, self.behaviour);
        for webhook in self.webhooks {
            world.store.insert(webhook);
        }
        let shared = Arc::new(Shared {
            world: Watched::new(world),
            courier,
            inbox: self.inbox,
        });
        let identity = if self.https {
            Some(Identity::generate("Immuta simulator CA")?)
        } else {
            None
        };
        let handler = {
            let shared = Arc::clone(&shared);
            let admin = admin::router(Arc::clone(&shared));
            move |request| service::serve(Arc::clone(&shared), admin.clone(), request)
        };
        let tls = identity
            .as_ref()
            .map(|identity| Arc::clone(&identity.config));
        Ok(Simulator {
            server: Server::start("immuta-simulator", self.port, tls, handler)?,
            shared,
            ca_pem: identity.map(|identity| identity.ca_pem),
        })
    }
}

impl Simulator {
    /// Says how a simulator is to be.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    /// A simulator over HTTP with the default behaviour.
    ///
    /// # Panics
    /// When it cannot be started: the machine has no loopback or no free port.
    pub fn start() -> Simulator {
        match Simulator::builder().start() {
            Ok(simulator) => simulator,
            Err(error) => panic!("the simulator did not start: {error}"),
        }
    }

    /// The API's base URL, up to `/marketplace`.
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin())
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.server.address())
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// The token that is let in.
    pub fn token(&self) -> String {
        self.shared.world.peek(|world| world.token.clone())
    }

    /// Lets in another token from now on, and the old one no more.
    pub fn set_token(&self, token: impl Into<String>) {
        let token = token.into();
        self.shared.world.with(|world| world.token = token);
    }

    /// The CA to trust, for HTTPS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Trusts the certificates in this PEM text from the next delivery on.
    ///
    /// # Panics
    /// When they are none.
    pub fn trust(&self, pem: &str) {
        if self.shared.courier.trust(pem).is_err() {
            panic!("what is to be trusted is no certificate in PEM");
        }
    }

    /// The webhooks in the order in which they were made, the keys in clear.
    pub fn webhooks(&self) -> Vec<StoredWebhook> {
        self.shared
            .world
            .peek(|world| world.store.iter().cloned().collect())
    }

    /// One webhook.
    pub fn webhook(&self, id: &str) -> Option<StoredWebhook> {
        self.shared.world.peek(|world| world.store.get(id).cloned())
    }

    /// How many webhooks there are.
    pub fn count(&self) -> usize {
        self.shared.world.peek(|world| world.store.iter().len())
    }

    /// Makes a webhook out of band, and gives its id.
    pub fn insert(&self, webhook: StoredWebhook) -> String {
        let id = webhook.id.clone();
        self.shared.world.with(|world| world.store.insert(webhook));
        id
    }

    /// Changes a webhook out of band; false when there is none. The id cannot be changed.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut StoredWebhook)) -> bool {
        self.shared
            .world
            .with(|world| world.store.edit(id, change).is_some())
    }

    /// Removes a webhook out of band; false when there is none.
    pub fn remove(&self, id: &str) -> bool {
        self.shared
            .world
            .with(|world| world.store.remove(id).is_some())
    }

    /// The webhook's deliveries, oldest first.
    pub fn history(&self, id: &str) -> Vec<DeliveryRecord> {
        self.shared
            .world
            .peek(|world| world.store.history(id).unwrap_or_default().to_vec())
    }

    /// Adds to the webhook's history out of band, oldest first; false when there is no such webhook.
    pub fn add_history(
        &self,
        id: &str,
        deliveries: impl IntoIterator<Item = DeliveryRecord>,
    ) -> bool {
        self.shared
            .world
            .with(|world| world.store.record(id, deliveries))
    }

    /// The requests to the API since the last clearing, in the order in which they came. Admin calls are not among them.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared
            .world
            .peek(|world| world.requests.iter().cloned().collect())
    }

    /// Forgets the requests, and the peak of those in flight.
    pub fn clear_requests(&self) {
        self.shared.world.with(|world| world.requests.clear());
    }

    /// How many requests are being answered now.
    pub fn in_flight(&self) -> usize {
        self.shared.world.peek(|world| world.requests.in_flight())
    }

    /// The most requests that were being answered at one time since the last clearing.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.world.peek(|world| world.requests.peak())
    }

    /// Sets a fault. Several may be set; a call is struck by the first that fits and is due.
    pub fn fault(&self, fault: Fault) -> FaultId {
        self.shared.world.with(|world| world.faults.set(fault))
    }

    /// Takes a fault back; false when it was not set.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.shared.world.with(|world| world.faults.clear(id))
    }

    /// Takes every fault back.
    pub fn clear_faults(&self) {
        self.shared.world.with(|world| world.faults.clear_all());
    }

    /// How many calls a fault has struck so far.
    pub fn struck(&self, id: FaultId) -> u32 {
        self.shared.world.peek(|world| world.faults.struck(id))
    }

    /// Changes how the deployment behaves.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        self.shared.world.with(|world| change(&mut world.behaviour));
    }

    /// How the deployment behaves.
    pub fn behaviour(&self) -> Behaviour {
        self.shared.world.peek(|world| world.behaviour.clone())
    }

    /// Changes the user that `GET /api/auth/user` tells of.
    pub fn edit_user(&self, change: impl FnOnce(&mut Value)) {
        self.shared.world.with(|world| change(&mut world.user));
    }

    /// Waits until `ready` holds, asking it again whenever something has changed here: a request that came or ended, a
    /// webhook, a fault. False when it does not hold within a minute.
    #[must_use]
    pub fn wait_for(&self, ready: impl Fn(&Simulator) -> bool) -> bool {
        self.wait_for_at_most(BOUND, ready)
    }

    /// The same with a bound of one's own.
    #[must_use]
    pub fn wait_for_at_most(&self, bound: Duration, ready: impl Fn(&Simulator) -> bool) -> bool {
        self.shared.world.wait(bound, || ready(self))
    }
}
