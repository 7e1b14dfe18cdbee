//! What is tried under every fault: each thing that users can do, and which calls of the API the
//! fault strikes while they do it.

use immuta_simulator::{On, Route, StoredWebhook};
use serde_json::json;
use tfplugin_host::extras;
use tfplugin_host::value::ValueExt as _;
use tfplugin_host::{Phase, Value};

use crate::rig::{A, KEY, OTHER_KEY, Scene, url};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// A new webhook; its POST is struck.
    Create,
    /// A new webhook; the list that is taken before it is struck.
    CreateUnlisted,
    /// A key is taken out, so the webhook is replaced; the POST of the new one is struck.
    Replace,
    /// Another url, no key sent.
    Update,
    /// Another key.
    Rotate,
    Delete,
    /// A plan of what is in state; every GET is struck.
    Refresh,
    /// `terraform import`; every GET is struck.
    Import,
    /// The data source that tests a configuration.
    TestUrl,
    /// The data source that tests a webhook.
    TestId,
    /// The action.
    TestAction,
    /// The ephemeral resource.
    TestEphemeral,
    /// The data source of one webhook, by its id.
    Webhook,
    /// The data source of all webhooks.
    Webhooks,
    /// The list resource, as `terraform query` asks for it.
    Query,
    /// The data source of a webhook's history.
    Deliveries,
    CurrentUser,
}

impl Operation {
    pub(crate) const ALL: [Operation; 17] = [
        Operation::Create,
        Operation::CreateUnlisted,
        Operation::Replace,
        Operation::Update,
        Operation::Rotate,
        Operation::Delete,
        Operation::Refresh,
        Operation::Import,
        Operation::TestUrl,
        Operation::TestId,
        Operation::TestAction,
        Operation::TestEphemeral,
        Operation::Webhook,
        Operation::Webhooks,
        Operation::Query,
        Operation::Deliveries,
        Operation::CurrentUser,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::CreateUnlisted => "create/list",
            Operation::Replace => "replace",
            Operation::Update => "update",
            Operation::Rotate => "new key",
            Operation::Delete => "delete",
            Operation::Refresh => "refresh",
            Operation::Import => "import",
            Operation::TestUrl => "test url",
            Operation::TestId => "test id",
            Operation::TestAction => "action",
            Operation::TestEphemeral => "ephemeral",
            Operation::Webhook => "webhook",
            Operation::Webhooks => "webhooks",
            Operation::Query => "query",
            Operation::Deliveries => "history",
            Operation::CurrentUser => "user",
        }
    }

    /// The calls that the fault is for.
    pub(crate) fn struck(self) -> On {
        match self {
            Operation::Create | Operation::Replace => Route::Create.into(),
            Operation::CreateUnlisted | Operation::Webhooks | Operation::Query => {
                Route::List.into()
            }
            Operation::Update | Operation::Rotate => Route::Update.into(),
            Operation::Delete => Route::Delete.into(),
            Operation::Refresh | Operation::Import | Operation::Webhook => On::method("GET"),
            Operation::TestUrl | Operation::TestEphemeral => Route::TestConfig.into(),
            Operation::TestId | Operation::TestAction => Route::TestById.into(),
            Operation::Deliveries => Route::History.into(),
            Operation::CurrentUser => Route::User.into(),
        }
    }

    /// Whether the struck call must not be sent again unless it surely was not processed.
    pub(crate) fn is_post(self) -> bool {
        matches!(
            self,
            Operation::Create
                | Operation::Replace
                | Operation::TestUrl
                | Operation::TestId
                | Operation::TestAction
                | Operation::TestEphemeral
        )
    }

    /// Whether the struck call is answered with many things, not with one.
    pub(crate) fn asks_for_many(self) -> bool {
        matches!(
            self,
            Operation::CreateUnlisted
                | Operation::Refresh
                | Operation::Import
                | Operation::Webhook
                | Operation::Webhooks
                | Operation::Query
                | Operation::Deliveries
        )
    }

    /// Whether it changes what webhooks there are.
    pub(crate) fn is_write(self) -> bool {
        matches!(
            self,
            Operation::Create
                | Operation::CreateUnlisted
                | Operation::Replace
                | Operation::Update
                | Operation::Rotate
                | Operation::Delete
        )
    }

    /// Brings about what the operation starts from. Where it looks at a webhook by its id, that was
    /// made by hand and has no key: nobody could keep a key from being shown that only Immuta knows.
    pub(crate) fn prepare(self, scene: &mut Scene) {
        match self {
            Operation::Create | Operation::CreateUnlisted => {}
            Operation::Replace | Operation::Rotate | Operation::Delete | Operation::Refresh => {
                scene.webhook(&url("a"), Some(KEY));
                scene.apply_ok();
            }
            Operation::Update => {
                scene.webhook(&url("a"), None);
                scene.apply_ok();
            }
            _ => {
                scene.api.insert(StoredWebhook::new(url("a")));
            }
        }
        match self {
            Operation::Create | Operation::CreateUnlisted => scene.webhook(&url("a"), Some(KEY)),
            Operation::Replace | Operation::Import => scene.webhook(&url("a"), None),
            Operation::Rotate => scene.webhook(&url("a"), Some(OTHER_KEY)),
            Operation::Update => scene.webhook(&url("b"), None),
            Operation::Delete => {
                scene.ws.unset(A);
            }
            _ => {}
        }
    }

    /// What the simulator holds in the end, when it went well: the url and key of the one webhook.
    pub(crate) fn wanted(self) -> Option<(String, Option<&'static str>)> {
        match self {
            Operation::Delete => None,
            Operation::Create | Operation::CreateUnlisted | Operation::Refresh => {
                Some((url("a"), Some(KEY)))
            }
            Operation::Rotate => Some((url("a"), Some(OTHER_KEY))),
            Operation::Update => Some((url("b"), None)),
            _ => Some((url("a"), None)),
        }
    }

    /// Does it. The error says what users were shown.
    pub(crate) fn run(self, scene: &mut Scene, id: Option<&str>) -> Ran {
        match self {
            Operation::Create
            | Operation::CreateUnlisted
            | Operation::Replace
            | Operation::Update
            | Operation::Rotate
            | Operation::Delete => Ran::command(scene.apply()),
            Operation::Refresh => {
                let result = scene.ws.refresh();
                Ran::command(scene.check(result))
            }
            Operation::Import => {
                let result = scene.ws.import(A, id.expect("something to import"));
                Ran::command(scene.check(result))
            }
            other => other.look(scene, id.expect("something to look at")),
        }
    }

    /// What only looks.
    fn look(self, scene: &mut Scene, id: &str) -> Ran {
        let cli = scene.ws.cli.clone();
        let data = |type_name: &str, config| {
            let output = cli.data(type_name, config)?;
            Ok(output
                .value
                .unwrap_or(Value::Null)
                .to_test_json()
                .to_string())
        };
        let by_id = json!({ "webhook_id": id });
        let by_url = json!({ "url": url("tested"), "signing_key": KEY });
        let result: Result<String, extras::Failed> = match self {
            Operation::TestUrl => data("immuta_webhook_test", by_url),
            Operation::TestId => data("immuta_webhook_test", by_id),
            Operation::TestAction => cli
                .invoke("immuta_webhook_test", by_id)
                .map(|output| output.value.join("\n")),
            Operation::TestEphemeral => cli
                .ephemeral(Phase::Apply, "immuta_webhook_test", by_url)
                .map(|output| output.value.value.to_test_json().to_string()),
            Operation::Webhook => data("immuta_webhook", json!({ "id": id })),
            Operation::Webhooks => data("immuta_webhooks", json!({})),
            Operation::Query => {
                let listed = cli.list("immuta_webhook", json!({}), true, None, false);
                listed.map(|output| format!("{:?}", output.value))
            }
            Operation::Deliveries => data("immuta_webhook_deliveries", by_id),
            Operation::CurrentUser => data("immuta_current_user", json!({})),
            writes => unreachable!("{writes:?} does not look"),
        };
        match result {
            Ok(found) => Ran {
                failed: false,
                errors: Vec::new(),
                text: found,
            },
            Err(failure) => {
                let text = failure.to_string();
                scene.show(text.clone());
                assert!(failure.violations.is_empty(), "core's rules: {text}");
                assert!(failure.status.is_none(), "a call without an answer: {text}");
                Ran {
                    failed: true,
                    errors: failure.errors().map(|e| e.summary.clone()).collect(),
                    text,
                }
            }
        }
    }
}

/// How it went.
pub(crate) struct Ran {
    pub(crate) failed: bool,
    /// The summaries of the errors.
    pub(crate) errors: Vec<String>,
    /// What users were shown, or what was found.
    pub(crate) text: String,
}

impl Ran {
    fn command(output: crate::rig::CommandOutput) -> Ran {
        Ran {
            failed: output.failed,
            errors: output.errors,
            text: output.text,
        }
    }
}
