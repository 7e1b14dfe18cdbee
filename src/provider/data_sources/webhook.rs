//! The data source `immuta_webhook`: one webhook, by its id or by its url.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{self, Client, ReadOutcome, webhook_url},
    provider::{diagnostic, webhook_id},
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
            .description("Whether a signing key is set in Immuta."),
        Attribute::bool("suppressed")
            .computed()
            .description("Whether deliveries to this webhook are suppressed."),
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
                "The id that Immuta assigned to the webhook, a UUID. Conflicts with `url`; one of the two is required.",
            ),
            Attribute::string("url").optional().computed().description(
                "Where its deliveries go. Equivalent forms of the url are found too. Conflicts with `id`.",
            ),
        ];
        arguments.into_iter().chain(result_attributes()).fold(
            Schema::new("Reads one webhook of the Request app, by its id or by its url. It is an error if none or several match."),
            Schema::attribute,
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        // What is unknown may turn out null, so it neither conflicts nor is missed; core asks again.
        match (&config.id, &config.url) {
            (Attr::Known(_), Attr::Known(_)) => vec![
                Diagnostic::error(
                    "Invalid attribute combination",
                    "id and url are both set, and each names a webhook. Remove one of them.",
                )
                .at(Path::attribute("url")),
            ],
            (Attr::Null, Attr::Null) => vec![Diagnostic::error(
                "Missing required argument",
                "Neither id nor url is set. Set one of them to say which webhook is meant.",
            )],
            (Attr::Known(id), _) => Vec::from_iter(webhook_id::parse("id", id).err()),
            _ => Vec::new(),
        }
    }

    async fn read(
        &self,
        context: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let found = match (&config.id, &config.url) {
            (Attr::Known(id), _) => by_id(context, id).await,
            (_, Attr::Known(url)) => by_url(context, url).await,
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

async fn by_id(context: &Configured<Client>, id: &str) -> Result<immuta::Webhook, Diagnostic> {
    let id = webhook_id::parse("id", id)?;
    let sought = format!("the id {id}");
    match context.client.read_uncached(&id, &context.stop).await {
        ReadOutcome::Found(webhook) => Ok(webhook),
        ReadOutcome::NotFound => Err(none_found(&sought)),
        ReadOutcome::Unavailable(cause) | ReadOutcome::Failed(cause) => {
            Err(not_looked_up(&sought, &cause))
        }
    }
}

async fn by_url(context: &Configured<Client>, url: &str) -> Result<immuta::Webhook, Diagnostic> {
    let sought = format!("the url {}", webhook_url::redacted(url));
    let webhooks = context.client.list(&context.stop).await;
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
                "Multiple webhooks matched",
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
    diagnostic::from_api_error(
        "Unable to find webhook",
        format_args!("While looking up the webhook with {sought}."),
        cause,
    )
}

fn none_found(sought: &str) -> Diagnostic {
    Diagnostic::error(
        "Webhook not found",
        format!(
            "Immuta holds no webhook with {sought}. The data source immuta_webhooks lists those that it holds."
        ),
    )
}
