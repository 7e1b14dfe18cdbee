//! A provider made of recorded answers.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use prost::Message;
use serde_json::{Value as Json, json};
use tfplugin_host::Profile;
use tfplugin_host::proto;
use tfplugin_host::schema::encode;
use tfplugin_host::value::{Type, Value, unknown, unknown_prefix};
use tfplugin_host::wire::{Spawn, Status, Wire};

/// Where the recordings are: in the folder that the variable names, whether it is there or not, or
/// beside the project. `None` where the variable is not set and none are there.
pub(crate) fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TFPLUGIN_RECORDINGS") {
        return Some(named.into());
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/protocol/transcripts");
    beside.exists().then_some(beside)
}

fn lines(path: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|cause| panic!("cannot read {}: {cause}", path.display()));
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[derive(Clone)]
struct Call {
    method: String,
    request: Json,
    response: Json,
}

struct Command {
    cli: String,
    processes: VecDeque<Vec<Call>>,
}

/// The commands of one scenario, recorded with one CLI.
pub(crate) struct Replay {
    label: String,
    commands: Mutex<VecDeque<Command>>,
    current: Mutex<Option<Command>>,
    wires: Mutex<Vec<Arc<RecordedProcess>>>,
}

impl Replay {
    /// Opens a recording, which must be there.
    pub(crate) fn open(folder: &Path, profile: &Profile, scenario: &str) -> Replay {
        let (kind, number) = profile.name.split_at(1);
        let prefix = match kind {
            "T" => format!("terraform-{number}."),
            _ => format!("tofu-{number}."),
        };
        let cli = std::fs::read_dir(folder)
            .unwrap_or_else(|cause| panic!("cannot list {}: {cause}", folder.display()))
            .map(Result::unwrap)
            .find(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .unwrap_or_else(|| panic!("{} has no folder {prefix}*", folder.display()));
        let recorded = lines(&cli.path().join(format!("{scenario}.jsonl")));
        let messages: BTreeMap<String, Json> = lines(&folder.join("messages.jsonl"))
            .into_iter()
            .map(|message| (message["id"].as_str().unwrap().to_owned(), message))
            .collect();
        let mut commands = VecDeque::<Command>::new();
        let mut processes = BTreeMap::<i64, Vec<Call>>::new();
        for line in recorded {
            if let Some(cli) = line["cli"].as_str() {
                commands.push_back(Command {
                    cli: cli.to_owned(),
                    processes: VecDeque::new(),
                });
            } else if let Some(p) = line["p"].as_i64() {
                let calls = match line["as"].as_i64() {
                    Some(same) => processes[&same].clone(),
                    None => read_calls(&line["rpc"], &messages),
                };
                processes.insert(p, calls.clone());
                // The provider whose object is moved has processes too, for its schema.
                let ours = calls.iter().all(|call| {
                    call.method != "GetProviderSchema"
                        || call.response["resource_schemas"]["immuta_webhook"].is_object()
                });
                if ours {
                    commands.back_mut().unwrap().processes.push_back(calls);
                }
            }
        }
        Replay {
            label: format!("{scenario} of {}", profile.name),
            commands: Mutex::new(commands),
            current: Mutex::new(None),
            wires: Mutex::default(),
        }
    }

    /// Begins the next command, which must be this one. The one before must have come to its end.
    pub(crate) fn command(&self, cli: &str) {
        self.close();
        let next = self.commands.lock().unwrap().pop_front();
        let next = next.unwrap_or_else(|| panic!("{}: no command {cli}", self.label));
        assert_eq!(next.cli, cli, "{}", self.label);
        *self.current.lock().unwrap() = Some(next);
    }

    /// Whether the next command is this one.
    pub(crate) fn at(&self, cli: &str) -> bool {
        self.commands
            .lock()
            .unwrap()
            .front()
            .is_some_and(|c| c.cli == cli)
    }

    /// Leaves out the next command, which must begin so.
    pub(crate) fn skip(&self, cli: &str) {
        self.command(cli);
        *self.current.lock().unwrap() = None;
    }

    /// The write-only key of the command that comes next.
    pub(crate) fn secret(&self) -> String {
        let commands = self.commands.lock().unwrap();
        let current = self.current.lock().unwrap();
        let here = current.iter().chain(commands.iter());
        here.flat_map(|command| &command.processes)
            .flatten()
            .find(|call| call.method == "ValidateResourceConfig")
            .map(|call| {
                call.request["config"]["value"]["signing_key_wo"]
                    .as_str()
                    .unwrap()
            })
            .unwrap()
            .to_owned()
    }

    /// Complains about what did not agree so far.
    pub(crate) fn check(&self) {
        for wire in self.wires.lock().unwrap().iter() {
            let problems = wire.problems.lock().unwrap();
            assert!(
                problems.is_empty(),
                "{}: {}",
                wire.label,
                problems.join("\n")
            );
        }
    }

    /// Closes the last command. All must have been played.
    pub(crate) fn finish(&self) {
        self.close();
        let left: Vec<_> = self
            .commands
            .lock()
            .unwrap()
            .iter()
            .map(|c| c.cli.clone())
            .collect();
        assert!(left.is_empty(), "{}: not played: {left:?}", self.label);
    }

    fn close(&self) {
        for wire in self.wires.lock().unwrap().drain(..) {
            let problems = wire.problems.lock().unwrap();
            assert!(
                problems.is_empty(),
                "{}: {}",
                wire.label,
                problems.join("\n")
            );
            let left = wire.calls.lock().unwrap();
            let left: Vec<_> = left.iter().map(|call| &call.method).collect();
            assert!(left.is_empty(), "{}: not called: {left:?}", wire.label);
        }
        if let Some(command) = self.current.lock().unwrap().take() {
            let left = command.processes.len();
            assert_eq!(
                left, 0,
                "{}: {}: processes not started",
                self.label, command.cli
            );
        }
    }
}

impl Spawn for Replay {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        let mut current = self.current.lock().unwrap();
        let command = current.as_mut().expect("a command");
        let label = format!("{}: {}", self.label, command.cli);
        let calls = command.processes.pop_front();
        let calls = calls.unwrap_or_else(|| panic!("{label}: one process too many"));
        let wire = Arc::new(RecordedProcess {
            label,
            calls: Mutex::new(calls.into()),
            problems: Mutex::default(),
        });
        self.wires.lock().unwrap().push(wire.clone());
        Ok(wire)
    }
}

struct RecordedProcess {
    label: String,
    calls: Mutex<VecDeque<Call>>,
    problems: Mutex<Vec<String>>,
}

impl RecordedProcess {
    fn fail(&self, problem: String) -> Status {
        self.problems.lock().unwrap().push(problem.clone());
        Status {
            code: tonic::Code::Internal,
            message: problem,
        }
    }
}

impl Wire for RecordedProcess {
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        let Some(call) = self.calls.lock().unwrap().pop_front() else {
            return Err(self.fail(format!("{method}: one call too many")));
        };
        if call.method != method {
            return Err(self.fail(format!("{method} where {} was recorded", call.method)));
        }
        answer(&call, &request).map_err(|problem| self.fail(format!("{method}: {problem}")))
    }

    fn stream(
        &self,
        method: &str,
        _: Vec<u8>,
        _: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status> {
        Err(self.fail(format!("{method}: no streams are replayed")))
    }

    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

fn read_calls(rpc: &Json, messages: &BTreeMap<String, Json>) -> Vec<Call> {
    let mut calls = Vec::new();
    for entry in rpc.as_array().unwrap() {
        let parts: Vec<&str> = match entry {
            Json::String(name) => vec![name.as_str()],
            other => other
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Json::as_str)
                .collect(),
        };
        let method = parts[0];
        if method.starts_with("GRPC") {
            continue;
        }
        let find = |index: usize, kind: &str| {
            let id = parts.get(index);
            id.map_or(Json::Null, |id| messages[*id][kind].clone())
        };
        calls.push(Call {
            method: method.to_owned(),
            request: find(1, "request"),
            response: find(2, "response"),
        });
    }
    calls
}

/// Compares the request with the recorded one, and gives the recorded answer.
fn answer(call: &Call, request: &[u8]) -> Result<Vec<u8>, String> {
    let (q, r) = (&call.request, &call.response);
    let type_name = q["type_name"].as_str().or(q["target_type_name"].as_str());
    let ty = resource_type(type_name.unwrap_or_default());
    let provider = Type::object([("endpoint", Type::String), ("token", Type::String)]);
    let value = |json: &Json| dynamic(json, &ty);
    let identity = |json: &Json| {
        (!json.is_null()).then(|| proto::ResourceIdentityData {
            identity_data: dynamic(
                &json["identity_data"],
                &Type::object([("id", Type::String)]),
            ),
        })
    };
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let capabilities = |json: &Json| {
        (!json.is_null()).then(|| proto::ClientCapabilities {
            deferral_allowed: json["deferral_allowed"].as_bool().unwrap_or_default(),
            write_only_attributes_allowed: json["write_only_attributes_allowed"]
                .as_bool()
                .unwrap_or_default(),
        })
    };
    match call.method.as_str() {
        "GetProviderSchema" => Ok(schemas(r).encode_to_vec()),
        "GetResourceIdentitySchemas" => Ok(identity_schemas(r).encode_to_vec()),
        "ValidateProviderConfig" => {
            same(
                request,
                &proto::validate_provider_config::Request {
                    config: dynamic(&q["config"], &provider),
                },
            )?;
            Ok(proto::validate_provider_config::Response {
                diagnostics: diagnostics(&r["diagnostics"]),
            }
            .encode_to_vec())
        }
        "ConfigureProvider" => {
            same(
                request,
                &proto::configure_provider::Request {
                    terraform_version: text(&q["terraform_version"]),
                    config: dynamic(&q["config"], &provider),
                    client_capabilities: capabilities(&q["client_capabilities"]),
                },
            )?;
            Ok(proto::configure_provider::Response {
                diagnostics: diagnostics(&r["diagnostics"]),
            }
            .encode_to_vec())
        }
        "ValidateResourceConfig" => {
            same(
                request,
                &proto::validate_resource_config::Request {
                    type_name: text(&q["type_name"]),
                    config: value(&q["config"]),
                    client_capabilities: capabilities(&q["client_capabilities"]),
                },
            )?;
            Ok(proto::validate_resource_config::Response {
                diagnostics: diagnostics(&r["diagnostics"]),
            }
            .encode_to_vec())
        }
        "UpgradeResourceState" => {
            same(
                request,
                &proto::upgrade_resource_state::Request {
                    type_name: text(&q["type_name"]),
                    version: q["version"].as_i64().unwrap_or_default(),
                    raw_state: raw_state(&q["raw_state"]),
                },
            )?;
            Ok(proto::upgrade_resource_state::Response {
                upgraded_state: value(&r["upgraded_state"]),
                diagnostics: diagnostics(&r["diagnostics"]),
            }
            .encode_to_vec())
        }
        "ReadResource" => {
            same(
                request,
                &proto::read_resource::Request {
                    type_name: text(&q["type_name"]),
                    current_state: value(&q["current_state"]),
                    private: bytes(&q["private"]),
                    provider_meta: None,
                    client_capabilities: capabilities(&q["client_capabilities"]),
                    current_identity: identity(&q["current_identity"]),
                },
            )?;
            Ok(proto::read_resource::Response {
                new_state: value(&r["new_state"]),
                diagnostics: diagnostics(&r["diagnostics"]),
                private: bytes(&r["private"]),
                deferred: None,
                new_identity: identity(&r["new_identity"]),
            }
            .encode_to_vec())
        }
        "PlanResourceChange" => {
            same(
                request,
                &proto::plan_resource_change::Request {
                    type_name: text(&q["type_name"]),
                    prior_state: value(&q["prior_state"]),
                    proposed_new_state: value(&q["proposed_new_state"]),
                    config: value(&q["config"]),
                    prior_private: bytes(&q["prior_private"]),
                    provider_meta: None,
                    client_capabilities: capabilities(&q["client_capabilities"]),
                    prior_identity: identity(&q["prior_identity"]),
                },
            )?;
            Ok(proto::plan_resource_change::Response {
                planned_state: value(&r["planned_state"]),
                requires_replace: paths(&r["requires_replace"]),
                planned_private: bytes(&r["planned_private"]),
                diagnostics: diagnostics(&r["diagnostics"]),
                legacy_type_system: false,
                deferred: None,
                planned_identity: identity(&r["planned_identity"]),
            }
            .encode_to_vec())
        }
        "ApplyResourceChange" => {
            same(
                request,
                &proto::apply_resource_change::Request {
                    type_name: text(&q["type_name"]),
                    prior_state: value(&q["prior_state"]),
                    planned_state: value(&q["planned_state"]),
                    config: value(&q["config"]),
                    planned_private: bytes(&q["planned_private"]),
                    provider_meta: None,
                    planned_identity: identity(&q["planned_identity"]),
                },
            )?;
            Ok(proto::apply_resource_change::Response {
                new_state: value(&r["new_state"]),
                private: bytes(&r["private"]),
                diagnostics: diagnostics(&r["diagnostics"]),
                legacy_type_system: false,
                new_identity: identity(&r["new_identity"]),
            }
            .encode_to_vec())
        }
        "ImportResourceState" => {
            same(
                request,
                &proto::import_resource_state::Request {
                    type_name: text(&q["type_name"]),
                    id: text(&q["id"]),
                    client_capabilities: capabilities(&q["client_capabilities"]),
                    identity: identity(&q["identity"]),
                },
            )?;
            let imported = r["imported_resources"].as_array();
            Ok(proto::import_resource_state::Response {
                imported_resources: imported
                    .into_iter()
                    .flatten()
                    .map(|object| proto::import_resource_state::ImportedResource {
                        type_name: text(&object["type_name"]),
                        state: value(&object["state"]),
                        private: bytes(&object["private"]),
                        identity: identity(&object["identity"]),
                    })
                    .collect(),
                diagnostics: diagnostics(&r["diagnostics"]),
                deferred: None,
            }
            .encode_to_vec())
        }
        "MoveResourceState" => {
            same(
                request,
                &proto::move_resource_state::Request {
                    source_provider_address: text(&q["source_provider_address"]),
                    source_type_name: text(&q["source_type_name"]),
                    source_schema_version: q["source_schema_version"].as_i64().unwrap_or_default(),
                    source_state: raw_state(&q["source_state"]),
                    target_type_name: text(&q["target_type_name"]),
                    source_private: bytes(&q["source_private"]),
                    source_identity: raw_state(&q["source_identity"]),
                    source_identity_schema_version: 0,
                },
            )?;
            Ok(proto::move_resource_state::Response {
                target_state: value(&r["target_state"]),
                diagnostics: diagnostics(&r["diagnostics"]),
                target_private: bytes(&r["target_private"]),
                target_identity: identity(&r["target_identity"]),
            }
            .encode_to_vec())
        }
        other => Err(format!("{other} is not replayed")),
    }
}

fn same<M: Message + Default + PartialEq + Debug>(sent: &[u8], recorded: &M) -> Result<(), String> {
    let sent = M::decode(sent).map_err(|e| e.to_string())?;
    if sent == *recorded {
        Ok(())
    } else {
        let sent = readable(&format!("{sent:?}"));
        let recorded = readable(&format!("{recorded:?}"));
        Err(format!("sent\n  {sent}\nrecorded\n  {recorded}"))
    }
}

/// A message as `Debug` prints it, with the bytes turned into what they say.
fn readable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let Some((numbers, after)) = after.split_once(']') else {
            break;
        };
        let bytes: Result<Vec<u8>, _> = numbers.split(", ").map(str::parse).collect();
        match bytes {
            Ok(bytes) => match rmpv::decode::read_value(&mut bytes.as_slice()) {
                Ok(value) if before.ends_with("msgpack: ") => out.push_str(&value.to_string()),
                _ => out.push_str(&String::from_utf8_lossy(&bytes)),
            },
            Err(_) => out.push_str(&format!("[{numbers}]")),
        }
        rest = after;
    }
    out + rest
}

fn resource_type(_name: &str) -> Type {
    Type::object([
        ("id", Type::String),
        ("signing_key", Type::String),
        ("signing_key_set", Type::Bool),
        ("signing_key_wo", Type::String),
        ("signing_key_wo_version", Type::Number),
        ("suppressed", Type::Bool),
        ("url", Type::String),
        ("verify_tls", Type::Bool),
    ])
}

/// `{"value": …}` as it was recorded; absent is absent.
fn dynamic(json: &Json, ty: &Type) -> Option<proto::DynamicValue> {
    let value = json.get("value")?;
    let value = Value::from_json(&markers(value), ty).unwrap();
    Some(encode(&value, ty).unwrap())
}

fn markers(json: &Json) -> Json {
    match json {
        Json::Object(map) if map.contains_key("unknown") => {
            match json["refinements"].as_object().and_then(|r| r.get("2")) {
                Some(prefix) => unknown_prefix(prefix.as_str().unwrap()),
                None => unknown(),
            }
        }
        Json::Object(map) => map.iter().map(|(k, v)| (k.clone(), markers(v))).collect(),
        other => other.clone(),
    }
}

fn bytes(json: &Json) -> Vec<u8> {
    match json.get("json_bytes") {
        Some(inner) => inner.to_string().into_bytes(),
        None => Vec::new(),
    }
}

fn raw_state(json: &Json) -> Option<proto::RawState> {
    (!json.is_null()).then(|| proto::RawState {
        json: bytes(&json["json"]),
        flatmap: Default::default(),
    })
}

fn diagnostics(json: &Json) -> Vec<proto::Diagnostic> {
    let list = json.as_array().into_iter().flatten();
    list.map(|d| proto::Diagnostic {
        severity: match d["severity"].as_str() {
            Some("WARNING") => 2,
            _ => 1,
        },
        summary: d["summary"].as_str().unwrap_or_default().to_owned(),
        detail: d["detail"].as_str().unwrap_or_default().to_owned(),
        attribute: None,
    })
    .collect()
}

fn paths(json: &Json) -> Vec<proto::AttributePath> {
    use proto::attribute_path::{Step, step::Selector};
    let list = json.as_array().into_iter().flatten();
    list.map(|path| proto::AttributePath {
        steps: path["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| Step {
                selector: step["attribute_name"]
                    .as_str()
                    .map(|name| Selector::AttributeName(name.to_owned())),
            })
            .collect(),
    })
    .collect()
}

fn schemas(json: &Json) -> proto::get_provider_schema::Response {
    // A schema whose content was not kept is the one of every other process.
    let schema = |json: &Json| {
        let flag = |a: &Json, name: &str| a[name].as_bool().unwrap_or_default();
        let attributes = json["block"]["attributes"].as_array().into_iter().flatten();
        proto::Schema {
            version: json["version"].as_i64().unwrap_or_default(),
            block: Some(proto::schema::Block {
                attributes: attributes
                    .map(|a| proto::schema::Attribute {
                        name: a["name"].as_str().unwrap().to_owned(),
                        r#type: bytes(&a["type"]),
                        required: flag(a, "required"),
                        optional: flag(a, "optional"),
                        computed: flag(a, "computed"),
                        sensitive: flag(a, "sensitive"),
                        write_only: flag(a, "write_only"),
                        ..Default::default()
                    })
                    .collect(),
                ..Default::default()
            }),
        }
    };
    let offered = &json["server_capabilities"];
    let offers = |name: &str| offered[name].as_bool().unwrap_or_default();
    proto::get_provider_schema::Response {
        provider: Some(schema(&json["provider"])),
        resource_schemas: json["resource_schemas"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, s)| (name.clone(), schema(s)))
            .collect(),
        server_capabilities: Some(proto::ServerCapabilities {
            plan_destroy: offers("plan_destroy"),
            get_provider_schema_optional: offers("get_provider_schema_optional"),
            move_resource_state: offers("move_resource_state"),
            generate_resource_config: offers("generate_resource_config"),
        }),
        ..Default::default()
    }
}

fn identity_schemas(json: &Json) -> proto::get_resource_identity_schemas::Response {
    let identities = json["identity_schemas"].as_object().into_iter().flatten();
    proto::get_resource_identity_schemas::Response {
        identity_schemas: identities
            .map(|(name, schema)| {
                let attributes = schema["identity_attributes"]
                    .as_array()
                    .into_iter()
                    .flatten();
                let schema = proto::ResourceIdentitySchema {
                    version: schema["version"].as_i64().unwrap_or_default(),
                    identity_attributes: attributes
                        .map(|a| proto::resource_identity_schema::IdentityAttribute {
                            name: a["name"].as_str().unwrap().to_owned(),
                            r#type: bytes(&a["type"]),
                            required_for_import: a["required_for_import"] == json!(true),
                            optional_for_import: a["optional_for_import"] == json!(true),
                            ..Default::default()
                        })
                        .collect(),
                };
                (name.clone(), schema)
            })
            .collect(),
        diagnostics: Vec::new(),
    }
}
