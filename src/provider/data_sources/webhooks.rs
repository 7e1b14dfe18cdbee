//! The data source `immuta_webhooks`: all webhooks, or some of them.

use serde::{Deserialize, Serialize};

use super::webhook::{self, result_attributes};
use crate::{
    immuta::{self, Client},
    provider::diagnostic,
    tfplugin::{
        Attribute, Configured, DataSource, Diagnostic, NestingMode, Schema, outcome::Outcome,
        value::Attr,
    },
};

/// The attributes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    url_prefix: Attr<String>,
    suppressed: Attr<bool>,
    webhooks: Attr<Vec<webhook::Model>>,
}

/// The arguments that choose among all webhooks; the list resource has the same.
pub(in crate::provider) fn filter_attributes() -> [Attribute; 2] {
    [
        Attribute::string("url_prefix")
            .optional()
            .description("Only webhooks whose url, as returned by the API, starts with this."),
        Attribute::bool("suppressed").optional().description(
            "Only webhooks whose deliveries are suppressed (`true`), or are not (`false`).",
        ),
    ]
}

/// Whether a webhook is among those that were asked for.
pub(in crate::provider) fn is_wanted(
    webhook: &immuta::Webhook,
    url_prefix: &Attr<String>,
    suppressed: &Attr<bool>,
) -> bool {
    url_prefix
        .as_known()
        .is_none_or(|prefix| webhook.url.starts_with(prefix))
        && suppressed
            .as_known()
            .is_none_or(|suppressed| webhook.suppressed == *suppressed)
}

/// All webhooks, or some of them.
#[derive(Debug)]
pub(in crate::provider) struct WebhooksDataSource;

impl DataSource for WebhooksDataSource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhooks"
    }

    fn schema(&self) -> Schema {
        let of_one = [
            Attribute::string("id")
                .computed()
                .description("The id that Immuta assigned to the webhook, a UUID."),
            Attribute::string("url")
                .computed()
                .description("Where its deliveries go, as returned by the API."),
        ];
        let of_one = of_one.into_iter().chain(result_attributes()).collect();
        filter_attributes()
            .into_iter()
            .fold(
                Schema::new(
                    "Lists the webhooks of the Request app, whether Terraform manages them or not.",
                ),
                Schema::attribute,
            )
            .attribute(
                Attribute::nested("webhooks", NestingMode::List, of_one)
                    .computed()
                    .description("The webhooks, sorted by url and ID."),
            )
    }

    async fn read(
        &self,
        context: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let listed = context.client.list(&context.stop).await;
        let result = listed
            .map(|mut webhooks| {
                webhooks
                    .retain(|webhook| is_wanted(webhook, &config.url_prefix, &config.suppressed));
                // The API promises no order; without one every plan could differ.
                webhooks.sort_by(|a, b| (&a.url, &a.id).cmp(&(&b.url, &b.id)));
                let webhooks = webhooks.into_iter().map(webhook::Model::from).collect();
                Model {
                    webhooks: Attr::Known(webhooks),
                    ..config
                }
            })
            .map_err(|cause| {
                diagnostic::from_api_error(
                    "Unable to list webhooks",
                    "While listing the webhooks.",
                    &cause,
                )
            });
        result.into()
    }
}
