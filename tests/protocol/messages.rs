//! Messages: every RPC is answered, large ones pass, undecodable ones do no harm.

use std::ops::ControlFlow;

use prost::Message as _;
use tfplugin_host::proto;
use tfplugin_host::wire::{Status, Wire as _, call};
use tonic::Code;

use crate::world::{assert_no_panic, started};

/// The protocol's own description of the service.
const PROTO: &str = include_str!("../../proto/tfplugin6.proto");

/// An RPC of the service.
struct Rpc {
    name: &'static str,
    /// Whether its answer is a stream.
    streams_answers: bool,
}

/// Every RPC of the service, from lines such as `rpc NAME(REQUEST) returns (stream RESPONSE);`.
fn rpcs() -> Vec<Rpc> {
    let rpc = |line: &'static str| {
        let (name, rest) = line.trim().strip_prefix("rpc ")?.split_once('(')?;
        let (_, answer) = rest.split_once("returns")?;
        Some(Rpc {
            name: name.trim(),
            streams_answers: answer.contains("stream "),
        })
    };
    PROTO.lines().filter_map(rpc).collect()
}

/// An empty request names no type and holds no values. It is answered, or it is unimplemented. One is
/// also what a call looks like whose requests are a stream of one.
#[test]
fn every_rpc_is_answered_or_unimplemented() {
    let process = started();
    let connection = process.connection().unwrap();
    let rpcs = rpcs();
    assert!(rpcs.len() > 30, "{} RPCs", rpcs.len());
    assert!(rpcs.iter().filter(|rpc| rpc.streams_answers).count() >= 3);
    for Rpc {
        name,
        streams_answers,
    } in rpcs
    {
        let answer = if streams_answers {
            connection.stream(name, Vec::new(), &mut |_| ControlFlow::Continue(()))
        } else {
            connection.unary(name, Vec::new()).map(drop)
        };
        if let Err(status) = answer {
            assert!(status.is_unimplemented(), "{name}: {status}");
        }
    }
    assert!(process.is_running());
    process.shut_down().unwrap();
    assert_no_panic(&process);
}

#[test]
fn an_unknown_method_is_unimplemented() {
    let process = started();
    let connection = process.connection().unwrap();
    for path in [
        "/tfplugin6.Provider/OfAnotherMinor",
        "/tfplugin7.Provider/GetMetadata",
    ] {
        let status = connection.unary_at(path, Vec::new()).unwrap_err();
        assert_eq!(status.code, Code::Unimplemented, "{path}: {status}");
    }
    process.shut_down().unwrap();
}

#[test]
fn unknown_fields_of_a_newer_minor_are_skipped() {
    let process = started();
    // Field 500, length-delimited.
    let newer = b"\xa2\x1f\x05hello".to_vec();
    process.unary("GetProviderSchema", newer).unwrap();
    process.shut_down().unwrap();
}

#[test]
fn an_undecodable_message_is_an_error_and_nothing_more() {
    let process = started();
    let undecodable = process.unary("ReadResource", vec![0xff; 64]);
    assert!(undecodable.is_err());
    let garbled = proto::read_resource::Request {
        type_name: "immuta_webhook".to_owned(),
        current_state: Some(proto::DynamicValue {
            msgpack: b"\xdf\xff\xff\xff\xff".to_vec(),
            json: Vec::new(),
        }),
        ..Default::default()
    };
    let answer: Result<proto::read_resource::Response, Status> =
        call(&process, "ReadResource", &garbled);
    if let Ok(answer) = answer {
        assert!(!answer.diagnostics.is_empty());
    }
    assert!(process.unary("GetProviderSchema", Vec::new()).is_ok());
    process.shut_down().unwrap();
    assert_no_panic(&process);
}

/// Core's limit is 256 MiB; a state or configuration near it must not be cut off at gRPC's own 4 MiB.
#[test]
fn a_message_of_100_mib_is_taken() {
    let process = started();
    let state = format!(
        r#"{{"url":"https://hooks.example/{}"}}"#,
        "x".repeat(100 << 20)
    );
    let request = proto::upgrade_resource_state::Request {
        type_name: "immuta_webhook".to_owned(),
        version: 0,
        raw_state: Some(proto::RawState {
            json: state.into_bytes(),
            flatmap: Default::default(),
        }),
    };
    assert!(request.encoded_len() > 100 << 20);
    let answer: proto::upgrade_resource_state::Response =
        call(&process, "UpgradeResourceState", &request).unwrap();
    assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
    assert!(answer.upgraded_state.unwrap().msgpack.len() > 100 << 20);
    process.shut_down().unwrap();
}

#[test]
fn the_metadata_agrees_with_the_schemas() {
    let process = started();
    let metadata = proto::get_metadata::Request {};
    let metadata: proto::get_metadata::Response = call(&process, "GetMetadata", &metadata).unwrap();
    let schema = proto::get_provider_schema::Request {};
    let schema: proto::get_provider_schema::Response =
        call(&process, "GetProviderSchema", &schema).unwrap();
    let functions = proto::get_functions::Request {};
    let functions: proto::get_functions::Response =
        call(&process, "GetFunctions", &functions).unwrap();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let named = |names: &mut dyn Iterator<Item = &String>| sorted(names.cloned().collect());
    assert_eq!(
        named(&mut metadata.resources.iter().map(|r| &r.type_name)),
        named(&mut schema.resource_schemas.keys())
    );
    assert_eq!(
        named(&mut metadata.data_sources.iter().map(|r| &r.type_name)),
        named(&mut schema.data_source_schemas.keys())
    );
    assert_eq!(
        named(&mut metadata.functions.iter().map(|r| &r.name)),
        named(&mut schema.functions.keys())
    );
    assert_eq!(
        named(&mut functions.functions.keys()),
        named(&mut schema.functions.keys())
    );
    assert_eq!(
        named(&mut metadata.ephemeral_resources.iter().map(|r| &r.type_name)),
        named(&mut schema.ephemeral_resource_schemas.keys())
    );
    assert_eq!(
        named(&mut metadata.list_resources.iter().map(|r| &r.type_name)),
        named(&mut schema.list_resource_schemas.keys())
    );
    assert_eq!(
        named(&mut metadata.actions.iter().map(|r| &r.type_name)),
        named(&mut schema.action_schemas.keys())
    );
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);
    process.shut_down().unwrap();
}
