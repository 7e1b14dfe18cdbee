//! The data source `immuta_webhook_deliveries`: the newest deliveries of a webhook.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{self, Client},
    provider::{diagnostic, webhook_id},
    tfplugin::{
        Attribute, Configured, DataSource, Diagnostic, NestingMode, Schema,
        outcome::Outcome,
        path::Path,
        value::{Attr, Number, Value},
    },
};

const DEFAULT_LIMIT: i64 = 25;

/// The attributes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    webhook_id: Attr<String>,
    limit: Attr<Number>,
    deliveries: Attr<Vec<Delivery>>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Delivery {
    delivery_id: Attr<String>,
    status: Attr<String>,
    http_status_code: Attr<i64>,
    created_at: Attr<String>,
    message: Attr<String>,
}

impl From<immuta::Delivery> for Delivery {
    fn from(delivery: immuta::Delivery) -> Self {
        Self {
            delivery_id: Attr::Known(delivery.delivery_id),
            status: Attr::Known(delivery.status),
            http_status_code: delivery.http_status_code.into(),
            created_at: Attr::Known(delivery.created_at),
            message: Attr::Known(delivery.message),
        }
    }
}

/// The newest deliveries of a webhook.
#[derive(Debug)]
pub(in crate::provider) struct WebhookDeliveriesDataSource;

impl DataSource for WebhookDeliveriesDataSource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook_deliveries"
    }

    fn schema(&self) -> Schema {
        let of_one = vec![
            Attribute::string("delivery_id")
                .computed()
                .description("The ID of the delivery, a UUID."),
            Attribute::string("status")
                .computed()
                .description("How the delivery ended, as returned by the API."),
            Attribute::number("http_status_code")
                .computed()
                .description(
                    "The HTTP status code that the receiver returned. Null when no response came.",
                ),
            Attribute::string("created_at")
                .computed()
                .description("The time of the delivery (ISO 8601)."),
            Attribute::string("message")
                .computed()
                .description("Immuta's message about the delivery."),
        ];
        Schema::new("Lists the latest deliveries of a webhook, newest first.")
            .attribute(
                Attribute::string("webhook_id")
                    .required()
                    .description("The id that Immuta assigned to the webhook, a UUID."),
            )
            .attribute(
                Attribute::number("limit")
                    .optional()
                    .computed()
                    .default_value(Value::Number(Number::from(DEFAULT_LIMIT)))
                    .description(
                        "Maximum number of deliveries to list, a whole number, 1 or more. Defaults to `25`.",
                    ),
            )
            .attribute(
                Attribute::nested("deliveries", NestingMode::List, of_one)
                    .computed()
                    .description("The deliveries, newest first."),
            )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        let limit_is_wrong = config
            .limit
            .as_known()
            .is_some_and(|limit| count(limit).is_none());
        let mut found = Vec::new();
        if limit_is_wrong {
            let error = Diagnostic::error(
                "Invalid limit",
                "limit is not a whole number, 1 or more. Set it to the maximum number of deliveries to list.",
            );
            found.push(error.at(Path::attribute("limit")));
        }
        if let Some(id) = config.webhook_id.as_known() {
            found.extend(webhook_id::parse("webhook_id", id).err());
        }
        found
    }

    async fn read(
        &self,
        context: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        let (Attr::Known(id), Some(limit)) =
            (&config.webhook_id, config.limit.as_known().and_then(count))
        else {
            return Err(Diagnostic::bug(
                "A history without webhook_id and limit passed the validation.",
            ))
            .into();
        };
        let id = match webhook_id::parse("webhook_id", id) {
            Ok(id) => id,
            Err(error) => return Err(error).into(),
        };
        let history = context.client.history(&id, limit, &context.stop).await;
        let result = match history {
            Ok(deliveries) => {
                let deliveries = deliveries.into_iter().map(Delivery::from).collect();
                Ok(Model {
                    deliveries: Attr::Known(deliveries),
                    ..config
                })
            }
            Err(cause) => Err(diagnostic::from_api_error(
                "Unable to list deliveries",
                format_args!("While listing the deliveries of the webhook {id}."),
                &cause,
            )),
        };
        result.into()
    }
}

fn count(limit: &Number) -> Option<usize> {
    let limit = usize::try_from(limit.as_i64()?).ok()?;
    (limit >= 1).then_some(limit)
}
