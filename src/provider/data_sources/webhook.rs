//! The data source `immuta_webhook`: one webhook, by its id or by its url.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{self, Webhooks, webhook_url},
    provider::problem,
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
            id: Attr::Known(webhook.id),
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
    type Client = Webhooks;
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
        match (config.id.is_null(), config.url.is_null()) {
            (false, false) => vec![
                Diagnostic::error(
                    "Conflicting arguments",
                    "id and url are both set, and each names a webhook. Remove one of them.",
                )
                .at(Path::attribute("url")),
            ],
            (true, true) => vec![Diagnostic::error(
                "Nothing to look up",
                "Neither id nor url is set. Set one of them to say which webhook is meant.",
            )],
            _ => Vec::new(),
        }
    }

    async fn read(
        &self,
        call: &Configured<Webhooks>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let webhooks = match call.client.list(&call.stop).await {
            Ok(webhooks) => webhooks,
            Err(cause) => {
                let doing = format!("While looking up the webhook with {}.", sought(&config));
                return Err(problem::of("Webhook not looked up", doing, &cause)).into();
            }
        };
        let mut found = webhooks
            .into_iter()
            .filter(|webhook| match (&config.id, &config.url) {
                (Attr::Known(id), _) => webhook.id == *id,
                (_, Attr::Known(url)) => webhook_url::equivalent(&webhook.url, url),
                _ => false,
            });
        let result = match (found.next(), found.next()) {
            (Some(webhook), None) => Ok(Model {
                // An argument comes back as it was written.
                url: config
                    .url
                    .into_known()
                    .unwrap_or_else(|| webhook.url.clone())
                    .into(),
                ..Model::from(webhook)
            }),
            (None, _) => Err(Diagnostic::error(
                "No such webhook",
                format!(
                    "Immuta holds no webhook with {}. The data source immuta_webhooks lists those that it holds.",
                    sought(&config)
                ),
            )),
            (Some(first), Some(second)) => {
                let ids: Vec<_> = [first, second]
                    .into_iter()
                    .chain(found)
                    .map(|webhook| webhook.id)
                    .collect();
                Err(Diagnostic::error(
                    "Several such webhooks",
                    format!(
                        "Immuta holds {} webhooks with {}: {}. Name one by its id.",
                        ids.len(),
                        sought(&config),
                        ids.join(", ")
                    ),
                ))
            }
        };
        result.into()
    }
}

fn sought(config: &Model) -> String {
    match (&config.id, &config.url) {
        (Attr::Known(id), _) => format!("the id {id:?}"),
        (_, Attr::Known(url)) => format!("the url {}", webhook_url::redacted(url)),
        _ => "no name".to_owned(),
    }
}
