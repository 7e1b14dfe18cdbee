//! A simulator of the Immuta Request app's webhook API, for the tests, the benchmarks and the demo.
//!
//! It is a real HTTP server on loopback: what is tested against it went over a socket. [`Simulator`] is the API with
//! its store of webhooks, [`Receiver`] is where webhooks deliver to.
//!
//! ```
//! use immuta_simulator::{Fault, FaultKind, Receiver, Route, Simulator};
//!
//! let receiver = Receiver::start_http();
//! let simulator = Simulator::start();
//! // The second create takes effect, but its answer never comes.
//! simulator.fault(Fault::once(
//!     immuta_simulator::On::from(Route::Create).nth(2),
//!     FaultKind::ResetAfter,
//! ));
//! println!("{} takes {}", simulator.base_url(), simulator.token());
//! println!("deliveries go to {}", receiver.url());
//! assert!(simulator.webhooks().is_empty());
//! ```
//!
//! # What is simulated
//! Every call of [`Route`] below [`BASE_PATH`], as the published documents tell of it, behind a check of the token.
//! Where the documents leave it open what a deployment does, [`Behaviour`] has a switch. What goes wrong on the way is a
//! [`Fault`]. A test (`POST …/webhook/test`, `POST …/webhook/{id}/test`) delivers for real, signed with
//! [`signature`] in [`SIGNATURE_HEADER`].
//!
//! A request goes through these steps: recorded; the rate limit; the fault; is there such a route; the token; the body; the
//! effect; the answer. The lock is held for one step at a time, never while a delivery or a wait is under way.
//!
//! # Admin routes
//! What a shell script does out of band. They take no token, and no key is ever shown. The binary's subcommands
//! `show`, `insert`, `edit`, `remove`, `fault` and `behave` call them.
//!
//! | route below `/_simulator` | body | answers |
//! | --- | --- | --- |
//! | `GET /webhooks` | | 200, the store: `id`, `url`, `verifyTls`, `signingKey` (whether one is set), `suppressed` |
//! | `POST /webhooks` | `url`, and if wanted `verifyTls`, `signingKey`, `suppressed` | 201, the webhook made by hand |
//! | `PATCH /webhooks/{id}` | any of these; `"signingKey": null` takes the key away | 200, the webhook |
//! | `DELETE /webhooks/{id}` | | 200, the webhook that was |
//! | `POST /webhooks/{id}/history` | `count` | 200, so many deliveries were added to the history |
//! | `GET /requests` | | 200, the requests to the API |
//! | `DELETE /requests` | | 204, they are forgotten |
//! | `GET /faults` | | 200, each with its `id` and how many calls it has `struck` |
//! | `POST /faults` | a [`Fault`], such as `{"on":{"route":"create"},"kind":"resetAfter","times":1}` | 201, its `id` |
//! | `DELETE /faults` | | 204, none is set |
//! | `GET /behaviour` | | 200, every switch of [`Behaviour`] |
//! | `PATCH /behaviour` | the switches to change, such as `{"put":"full","absent":["list"]}` | 200, every switch |
//! | `GET /deliveries` | | 200, what the receiver got: `target`, `signed`, `verified`, `body`; 404 without a receiver |

mod admin;
mod answer;
mod api;
mod behaviour;
mod corrupt;
mod delivery;
mod fault;
mod history;
mod millis;
mod receiver;
mod recorded;
mod route;
mod server;
mod service;
mod simulator;
mod store;
mod tls;
mod user;
mod watched;
mod webhook_body;
mod world;

pub use admin::ADMIN_PATH;
pub use behaviour::{Behaviour, HistoryOrder, PutStyle, RateLimit};
pub use delivery::{SIGNATURE_HEADER, signature, verify};
pub use fault::{Fault, FaultId, FaultKind, On, Reply};
pub use history::DeliveryRecord;
pub use receiver::{ReceivedDelivery, Receiver, ReceiverBuilder};
pub use recorded::RecordedRequest;
pub use route::{BASE_PATH, Route};
pub use simulator::{Simulator, SimulatorBuilder};
pub use store::StoredWebhook;
