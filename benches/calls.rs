//! One call of the provider's service by a gRPC client in the same process, without a socket and TLS: decode, decide, encode.
//! Time and allocations are those that core pays for every webhook of every command.
//!
//! The API is the simulator; reads look into the shared list, as all but the first of a refresh do.
//!
//! `cargo bench --bench calls`

use std::sync::Arc;

use divan::{AllocProfiler, Bencher};
use immuta_simulator::{Simulator, StoredWebhook};
use terraform_provider_immuta::{
    provider::Immuta,
    tfplugin::{
        Provider as _, Service,
        value::{Object, ObjectType, Type, Value},
    },
};
use tfplugin_host::proto::{self, provider_client::ProviderClient};
use tokio::runtime::Runtime;
use tonic::service::Routes;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const WEBHOOK: &str = "immuta_webhook";
const URL: &str = "https://hooks.example.com/immuta/requests";

fn main() {
    divan::main();
}

/// A configured provider over a simulator with this many webhooks, one of them the one that is asked for.
struct Fixture {
    runtime: Runtime,
    core: ProviderClient<Routes>,
    webhook: Type,
    id: String,
    _simulator: Simulator,
}

impl Fixture {
    fn new(webhooks: usize) -> Self {
        let simulator = Simulator::start();
        for number in 1..webhooks {
            simulator.insert(StoredWebhook::new(format!("{URL}/{number}")));
        }
        let id = simulator.insert(StoredWebhook::new(URL));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let provider = Immuta::new();
        let config = Type::Object(provider.schema().object_type());
        let mut core = ProviderClient::new(Arc::new(Service::new(provider)).routes());
        let schemas = runtime
            .block_on(core.get_provider_schema(proto::get_provider_schema::Request::default()))
            .expect("the schemas")
            .into_inner();
        let webhook = object_type(&schemas.resource_schemas[WEBHOOK]);
        let request = proto::configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config: Some(object(
                &config,
                [
                    ("endpoint", Value::from(simulator.base_url())),
                    ("token", Value::from(simulator.token())),
                ],
            )),
            ..Default::default()
        };
        let answer = runtime
            .block_on(core.configure_provider(request))
            .expect("an answer")
            .into_inner();
        assert!(answer.diagnostics.is_empty(), "{answer:?}");
        Self {
            runtime,
            core,
            webhook,
            id,
            _simulator: simulator,
        }
    }

    fn state(&self) -> Option<proto::DynamicValue> {
        let attributes = [
            ("id", Value::from(self.id.as_str())),
            ("url", Value::from(URL)),
            ("verify_tls", Value::Bool(true)),
            ("signing_key_set", Value::Bool(false)),
            ("suppressed", Value::Bool(false)),
        ];
        Some(object(&self.webhook, attributes))
    }

    fn config(&self) -> Option<proto::DynamicValue> {
        Some(object(&self.webhook, [("url", Value::from(URL))]))
    }
}

/// The type that core makes of a schema.
fn object_type(schema: &proto::Schema) -> Type {
    let block = schema.block.as_ref().expect("a block");
    Type::Object(ObjectType::new(block.attributes.iter().map(|attribute| {
        let ty = Type::from_json(&attribute.r#type).expect("a type");
        (attribute.name.as_str(), ty)
    })))
}

/// An object of this type, null where nothing is given.
fn object<const N: usize>(ty: &Type, given: [(&str, Value); N]) -> proto::DynamicValue {
    let Type::Object(attributes) = ty else {
        panic!("no object type");
    };
    let mut object = Object::nulls(attributes);
    for (name, value) in given {
        object.insert(name, value);
    }
    proto::DynamicValue {
        msgpack: Value::Object(object).to_msgpack(ty).expect("a value"),
        ..Default::default()
    }
}

/// Benches an RPC with a request that is made for each call.
macro_rules! call {
    ($bencher:expr, $fixture:expr, $method:ident, $request:expr) => {{
        let fixture = $fixture;
        let request = $request(&fixture);
        $bencher
            .with_inputs(|| (fixture.core.clone(), request.clone()))
            .bench_local_values(|(mut core, request)| {
                fixture.runtime.block_on(core.$method(request))
            });
    }};
}

#[divan::bench]
fn schemas(bencher: Bencher) {
    call!(
        bencher,
        Fixture::new(1),
        get_provider_schema,
        |_: &Fixture| { proto::get_provider_schema::Request::default() }
    );
}

#[divan::bench]
fn validate(bencher: Bencher) {
    call!(
        bencher,
        Fixture::new(1),
        validate_resource_config,
        |fixture: &Fixture| {
            proto::validate_resource_config::Request {
                type_name: WEBHOOK.to_owned(),
                config: fixture.config(),
                ..Default::default()
            }
        }
    );
}

#[divan::bench]
fn upgrade(bencher: Bencher) {
    call!(
        bencher,
        Fixture::new(1),
        upgrade_resource_state,
        |fixture: &Fixture| {
            let json = format!(
                r#"{{"id":"{}","signing_key":null,"signing_key_set":false,"signing_key_wo":null,"signing_key_wo_version":null,"suppressed":false,"url":"{URL}","verify_tls":true}}"#,
                fixture.id
            );
            proto::upgrade_resource_state::Request {
                type_name: WEBHOOK.to_owned(),
                version: 0,
                raw_state: Some(proto::RawState {
                    json: json.into(),
                    ..Default::default()
                }),
            }
        }
    );
}

/// Whatever the number of webhooks, the time of a read is the same.
#[divan::bench(args = [1, 1000, 5000])]
fn read_among(bencher: Bencher, webhooks: usize) {
    call!(
        bencher,
        Fixture::new(webhooks),
        read_resource,
        |fixture: &Fixture| {
            proto::read_resource::Request {
                type_name: WEBHOOK.to_owned(),
                current_state: fixture.state(),
                ..Default::default()
            }
        }
    );
}

#[divan::bench]
fn plan_no_change(bencher: Bencher) {
    call!(
        bencher,
        Fixture::new(1),
        plan_resource_change,
        |fixture: &Fixture| {
            proto::plan_resource_change::Request {
                type_name: WEBHOOK.to_owned(),
                prior_state: fixture.state(),
                proposed_new_state: fixture.state(),
                config: fixture.config(),
                ..Default::default()
            }
        }
    );
}

/// A plan of a new webhook looks for others with its url, whatever their number.
#[divan::bench(args = [1, 1000, 5000])]
fn plan_create_among(bencher: Bencher, webhooks: usize) {
    call!(
        bencher,
        Fixture::new(webhooks),
        plan_resource_change,
        |fixture: &Fixture| {
            let new = [
                ("url", Value::from("https://new.example.com/hook")),
                ("verify_tls", Value::Bool(true)),
            ];
            proto::plan_resource_change::Request {
                type_name: WEBHOOK.to_owned(),
                prior_state: Some(proto::DynamicValue {
                    msgpack: vec![0xc0],
                    ..Default::default()
                }),
                proposed_new_state: Some(object(&fixture.webhook, new.clone())),
                config: Some(object(&fixture.webhook, new)),
                ..Default::default()
            }
        }
    );
}
