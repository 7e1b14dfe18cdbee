//! A provider whose answers are written by hand.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use prost::Message;
use serde_json::{Value as Json, json};
use tfplugin_host::schema::{Block, Schemas, decode, encode};
use tfplugin_host::value::{self, ObjectType, Type};
use tfplugin_host::wire::{Spawn, Status, Wire};
use tfplugin_host::{Phase, Profile, Session, Value, proto};

const NAME: &str = "immuta_webhook";

/// Answers by method. The last answer of a method is given again and again.
#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<BTreeMap<String, VecDeque<Vec<u8>>>>,
    streams: BTreeMap<String, Vec<Vec<u8>>>,
    calls: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Scripted {
    pub(crate) fn answering(method: &str, answer: &impl Message) -> Scripted {
        Scripted::default().then(method, answer)
    }

    pub(crate) fn then(self, method: &str, answer: &impl Message) -> Scripted {
        self.answers
            .lock()
            .unwrap()
            .entry(method.to_owned())
            .or_default()
            .push_back(answer.encode_to_vec());
        self
    }

    pub(crate) fn streaming(method: &str, events: Vec<Vec<u8>>) -> Scripted {
        Scripted {
            streams: BTreeMap::from([(method.to_owned(), events)]),
            ..Scripted::default()
        }
    }

    pub(crate) fn session(self, profile: Profile, phase: Phase) -> Session {
        let mut schemas = Schemas::read(&schema()).unwrap();
        schemas.add_identities(&identities()).unwrap();
        Session::new(Arc::new(self), Arc::new(schemas), profile, phase)
    }

    pub(crate) fn spawner(self) -> Arc<Spawner> {
        Arc::new(Spawner(Arc::new(self)))
    }
}

/// The same provider for each process.
pub(crate) struct Spawner(Arc<Scripted>);

impl Spawner {
    pub(crate) fn calls(&self, method: &str) -> usize {
        self.requests(method).len()
    }

    pub(crate) fn requests(&self, method: &str) -> Vec<Vec<u8>> {
        let calls = self.0.calls.lock().unwrap();
        let calls = calls.iter().filter(|(called, _)| called == method);
        calls.map(|(_, request)| request.clone()).collect()
    }
}

impl Spawn for Spawner {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        Ok(self.0.clone())
    }
}

impl Wire for Scripted {
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.calls
            .lock()
            .unwrap()
            .push((method.to_owned(), request));
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(method) {
            Some(queue) if queue.len() > 1 => Ok(queue.pop_front().unwrap()),
            Some(queue) => Ok(queue[0].clone()),
            None if method == "GetProviderSchema" => Ok(schema().encode_to_vec()),
            None => Err(Status {
                code: tonic::Code::Unimplemented,
                message: method.to_owned(),
            }),
        }
    }

    fn stream(
        &self,
        method: &str,
        _: Vec<u8>,
        each: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status> {
        for event in &self.streams[method] {
            if each(event.clone()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

fn schema() -> proto::get_provider_schema::Response {
    let attribute = |name: &str, ty: &str, kind: &str| proto::schema::Attribute {
        name: name.to_owned(),
        r#type: format!("\"{ty}\"").into_bytes(),
        required: kind.contains('r'),
        optional: kind.contains('o'),
        computed: kind.contains('c'),
        sensitive: kind.contains('s'),
        write_only: kind.contains('w'),
        ..Default::default()
    };
    let schema = proto::Schema {
        version: 0,
        block: Some(proto::schema::Block {
            attributes: vec![
                attribute("id", "string", "c"),
                attribute("url", "string", "r"),
                attribute("verify_tls", "bool", "oc"),
                attribute("signing_key", "string", "os"),
                attribute("signing_key_wo", "string", "osw"),
                attribute("signing_key_wo_version", "number", "o"),
                attribute("signing_key_set", "bool", "c"),
                attribute("suppressed", "bool", "c"),
            ],
            ..Default::default()
        }),
    };
    let schemas = || [(NAME.to_owned(), schema.clone())].into();
    let action = proto::ActionSchema {
        schema: Some(schema.clone()),
    };
    proto::get_provider_schema::Response {
        provider: Some(proto::Schema {
            version: 0,
            block: Some(proto::schema::Block::default()),
        }),
        resource_schemas: schemas(),
        data_source_schemas: schemas(),
        ephemeral_resource_schemas: schemas(),
        list_resource_schemas: schemas(),
        action_schemas: [(NAME.to_owned(), action)].into(),
        ..Default::default()
    }
}

fn identities() -> proto::get_resource_identity_schemas::Response {
    let id = proto::resource_identity_schema::IdentityAttribute {
        name: "id".to_owned(),
        r#type: b"\"string\"".to_vec(),
        required_for_import: true,
        ..Default::default()
    };
    let schema = proto::ResourceIdentitySchema {
        version: 0,
        identity_attributes: vec![id],
    };
    proto::get_resource_identity_schemas::Response {
        identity_schemas: [(NAME.to_owned(), schema)].into(),
        diagnostics: Vec::new(),
    }
}

fn block() -> Block {
    let schemas = Schemas::read(&schema()).unwrap();
    schemas.resources[NAME].block.clone()
}

/// An object of the scripted schema.
pub(crate) fn object(json: &Json) -> Value {
    block().object(json).unwrap()
}

/// The same, as it travels.
pub(crate) fn dynamic(json: &Json) -> Option<proto::DynamicValue> {
    let ty = block().ty();
    let value = encode(&object(json), &ty).unwrap();
    assert_eq!(decode(Some(&value), &ty).unwrap(), object(json));
    Some(value)
}

/// An identity with this id, as it travels.
pub(crate) fn identity(id: &Json) -> Option<proto::ResourceIdentityData> {
    let ty = ObjectType::new([("id", Type::String)]);
    let value = value::object(&json!({ "id": id }), &ty).unwrap();
    Some(proto::ResourceIdentityData {
        identity_data: Some(encode(&value, &Type::Object(ty)).unwrap()),
    })
}

/// The path of an attribute.
pub(crate) fn named(name: &str) -> proto::AttributePath {
    use proto::attribute_path::{Step, step::Selector};
    proto::AttributePath {
        steps: vec![Step {
            selector: Some(Selector::AttributeName(name.to_owned())),
        }],
    }
}
