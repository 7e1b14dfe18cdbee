//! The data source `immuta_webhook`: one webhook, by its id or by its url.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{self, Client, ReadOutcome, webhook_url},
    provider::{problem, webhook_id},
    tfplugin::{
        Attribute, Configured, DataSource, Diagnostic, Schema, outcome::Outcome, path::Path,
        value::Attr,
    },
};

/// A webhook as data sources show it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    id: Attr<String>,
    url: Attr<String>,
    verify_tls: Attr<bool>,
    signing_key_set: Attr<bool>,
    suppressed: Attr<bool>,
}

impl From<immuta::Webhook> for Model {
    fn from(webhook: immuta::Webhook) -> Self {
        Self {
            id: Attr::Known(webhook.id.to_string()),
            url: Attr::Known(webhook.url),
            verify_tls: Attr::Known(webhook.verify_tls),
            signing_key_set: Attr::Known(webhook.signing_key_set),
            suppressed: Attr::Known(webhook.suppressed),
        }
    }
}

/// The attributes of a webhook that nothing but Immuta sets.
pub(in crate::provider) fn result_attributes() -> Vec<Attribute> {
    vec![
        Attribute::bool("verify_tls")
            .computed()
            .description("Whether Immuta verifies the receiver's TLS certificate."),
        Attribute::bool("signing_key_set")
            .computed()
            .description("Whether Immuta holds a signing key for the webhook."),
        Attribute::bool("suppressed")
            .computed()
            .description("Whether Immuta is holding back deliveries to this webhook."),
    ]
}

/// One webhook.
#[derive(Debug)]
pub(in crate::provider) struct WebhookDataSource;

impl DataSource for WebhookDataSource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook"
    }

    fn schema(&self) -> Schema {
        let arguments = [
            Attribute::string("id").optional().computed().description(
                "The id that Immuta gave to the webhook, a UUID. Conflicts with `url`; one of the two is needed.",
            ),
            Attribute::string("url").optional().computed().description(
                "Where its deliveries go. Equivalent spellings are found too. Conflicts with `id`.",
            ),
        ];
        arguments.into_iter().chain(result_attributes()).fold(
            Schema::new("Looks up one webhook of the Request app, by its id or by its url. None or several is an error."),
            Schema::attribute,
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        // What is unknown may turn out null, so it neither conflicts nor is missed; core asks again.
        match (&config.id, &config.url) {
            (Attr::Known(_), Attr::Known(_)) => vec![
                Diagnostic::error(
                    "Conflicting arguments",
                    "id and url are both set, and each names a webhook. Remove one of them.",
                )
                .at(Path::attribute("url")),
            ],
            (Attr::Null, Attr::Null) => vec![Diagnostic::error(
                "Nothing to look up",
                "Neither id nor url is set. Set one of them to say which webhook is meant.",
            )],
            (Attr::Known(id), _) => Vec::from_iter(webhook_id::parse("id", id).err()),
            _ => Vec::new(),
        }
    }

    async fn read(
        &self,
        call: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let found = match (&config.id, &config.url) {
            (Attr::Known(id), _) => by_id(call, id).await,
            (_, Attr::Known(url)) => by_url(call, url).await,
            _ => Err(Diagnostic::bug(
                "A look-up without id and url passed the validation.",
            )),
        };
        // An argument comes back as it was written.
        found
            .map(|webhook| {
                let found = Model::from(webhook);
                Model {
                    id: config.id.into_known().map_or(found.id, Attr::Known),
                    url: config.url.into_known().map_or(found.url, Attr::Known),
                    ..found
                }
            })
            .into()
    }
}

async fn by_id(call: &Configured<Client>, id: &str) -> Result<immuta::Webhook, Diagnostic> {
    let id = webhook_id::parse("id", id)?;
    let sought = format!("the id {id}");
    match call.client.read_uncached(&id, &call.stop).await {
        ReadOutcome::Found(webhook) => Ok(webhook),
        ReadOutcome::NotFound => Err(none_found(&sought)),
        ReadOutcome::Unavailable(cause) | ReadOutcome::Failed(cause) => {
            Err(not_looked_up(&sought, &cause))
        }
    }
}

async fn by_url(call: &Configured<Client>, url: &str) -> Result<immuta::Webhook, Diagnostic> {
    let sought = format!("the url {}", webhook_url::redacted(url));
    let webhooks = call.client.list(&call.stop).await;
    let webhooks = webhooks.map_err(|cause| not_looked_up(&sought, &cause))?;
    let mut found: Vec<_> = webhooks
        .into_iter()
        .filter(|webhook| webhook_url::equivalent(&webhook.url, url))
        .collect();
    match (found.pop(), found.len()) {
        (None, _) => Err(none_found(&sought)),
        (Some(webhook), 0) => Ok(webhook),
        (Some(last), others) => {
            found.push(last);
            found.sort_by(|a, b| a.id.cmp(&b.id));
            let ids: Vec<_> = found.iter().map(|webhook| webhook.id.as_str()).collect();
            Err(Diagnostic::error(
                "Several such webhooks",
                format!(
                    "Immuta holds {} webhooks with {sought}: {}. Name one by its id.",
                    others + 1,
                    ids.join(", ")
                ),
            ))
        }
    }
}

fn not_looked_up(sought: &str, cause: &immuta::Error) -> Diagnostic {
    problem::of(
        "Webhook not looked up",
        format_args!("While looking up the webhook with {sought}."),
        cause,
    )
}

fn none_found(sought: &str) -> Diagnostic {
    Diagnostic::error(
        "No such webhook",
        format!(
            "Immuta holds no webhook with {sought}. The data source immuta_webhooks lists those that it holds."
        ),
    )
}
