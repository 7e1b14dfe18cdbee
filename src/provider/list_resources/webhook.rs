//! The list resource `immuta_webhook`: what `terraform query` finds.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{Client, Webhook, webhook_url::redacted},
    provider::{
        data_sources::webhooks::{filter_attributes, is_wanted},
        diagnostic,
        resources::webhook::{self, WebhookResource},
    },
    tfplugin::{
        Configured, Diagnostic, ListResource, ListResult, ListResults, Schema, outcome::Outcome,
        value::Attr,
    },
};

/// The arguments.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    url_prefix: Attr<String>,
    suppressed: Attr<bool>,
}

/// What `terraform query` finds.
#[derive(Debug)]
pub(in crate::provider) struct WebhookListResource;

impl ListResource for WebhookListResource {
    type Resource = WebhookResource;
    type Model = Model;

    fn resource(&self) -> WebhookResource {
        WebhookResource
    }

    fn schema(&self) -> Schema {
        filter_attributes().into_iter().fold(
            Schema::new("Finds the webhooks of the Request app, so that existing ones can be imported. Needs Terraform 1.14 or later."),
            Schema::attribute,
        )
    }

    async fn list(
        &self,
        context: &Configured<Client>,
        config: Model,
        found: &ListResults<webhook::model::Model>,
    ) -> Outcome<Result<(), Diagnostic>> {
        let mut webhooks = match context.client.list(&context.stop).await {
            Ok(webhooks) => webhooks,
            Err(cause) => {
                let error = diagnostic::from_api_error(
                    "Unable to list webhooks",
                    "While listing the webhooks for a query.",
                    &cause,
                );
                return Err(error).into();
            }
        };
        webhooks.retain(|webhook| is_wanted(webhook, &config.url_prefix, &config.suppressed));
        webhooks.sort_by(|a, b| (&a.url, &a.id).cmp(&(&b.url, &b.id)));
        for webhook in webhooks {
            let listed = ListResult {
                display_name: display_name(&webhook),
                model: webhook::state::listed(&webhook),
            };
            if found.send(listed).await.is_break() {
                break;
            }
        }
        Ok(()).into()
    }
}

/// The url tells webhooks apart, and the id those that share one.
fn display_name(webhook: &Webhook) -> String {
    format!("{} ({})", redacted(&webhook.url), webhook.id)
}
