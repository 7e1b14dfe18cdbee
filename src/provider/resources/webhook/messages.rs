//! The diagnostics about webhooks: what was being done to which, what the API returned, and what to do next.

use crate::{
    immuta::{Difference, Error, Webhook, WebhookId, WebhookSpec, webhook_url},
    provider::diagnostic,
    tfplugin::{Diagnostic, path::Path},
};

pub(super) fn no_id() -> Diagnostic {
    Diagnostic::error(
        "Missing webhook id in state",
        "The state of this webhook has no valid id, so the webhook cannot be found in Immuta. Remove it from the state (terraform state rm) and import it by its id.",
    )
}

pub(super) fn import_unconfigured() -> Diagnostic {
    Diagnostic::error(
        "Unable to import webhook",
        "The provider block refers to values that are known only after an apply, so the webhook cannot be read. Nothing was imported. Apply the resources that those values come from first (-target), or set them as variables.",
    )
}

pub(super) fn import_not_found(id: &WebhookId) -> Diagnostic {
    Diagnostic::error(
        "Unable to import webhook",
        format!(
            "Immuta holds no webhook with the id {id}. The data source immuta_webhooks lists those that it holds. Nothing was imported."
        ),
    )
}

pub(super) fn import_unavailable(id: &WebhookId, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Unable to import webhook",
        format!(
            "While importing the webhook {id}: this deployment of Immuta offers no endpoint that reads webhooks, so the state cannot be filled. Nothing was imported.\n\n{cause}\n\nDelete the webhook in the Request app and let Terraform create it again, or ask Immuta support for a deployment with GET /api/notification/webhook."
        ),
    )
}

pub(super) fn drift_detection_unavailable(cause: &Error) -> Diagnostic {
    Diagnostic::warning(
        "Drift detection is unavailable",
        format!(
            "This deployment of Immuta offers no endpoint that reads webhooks, so the state stays as it is. Plans do not show changes that were made outside of Terraform.\n\n{cause}"
        ),
    )
}

pub(super) fn not_read(id: &WebhookId, cause: &Error) -> Diagnostic {
    diagnostic::from_api_error(
        "Unable to read webhook",
        format_args!("While reading the webhook {id}. Its state stays as it is."),
        cause,
    )
}

pub(super) fn not_created(url: &str, cause: &Error) -> Diagnostic {
    diagnostic::from_api_error(
        "Unable to create webhook",
        format_args!(
            "While creating the webhook for {}. Nothing was created.",
            shown(url)
        ),
        cause,
    )
}

pub(super) fn may_exist(url: &str, candidates: &[Webhook], cause: &Error) -> Diagnostic {
    let next = match candidates {
        [] => "List the webhooks in the Request app. If it is there, import it with\n\n  terraform import ADDRESS ID\n\nbefore you apply again, or delete it; otherwise a second one with the same url is created.".to_owned(),
        candidates => {
            let commands: Vec<_> = candidates
                .iter()
                .map(|webhook| format!("  terraform import ADDRESS {}", webhook.id))
                .collect();
            format!(
                "It may be the following, unless something else manages it. If it is, import it (ADDRESS is that of this resource) before you apply again, or delete it; otherwise a second one with the same url is created.\n\n{}",
                commands.join("\n")
            )
        }
    };
    Diagnostic::error(
        "Webhook may have been created",
        format!(
            "While creating the webhook for {}: the request was sent, but no response says whether the webhook was created. It is not in the state.\n\n{cause}\n\n{next}",
            shown(url)
        ),
    )
}

/// A create whose response was lost, and that was completed all the same.
pub(super) fn reconciled(webhook: &Webhook, cause: &Error) -> Diagnostic {
    Diagnostic::warning(
        // CLIs show only the first of several warnings with one summary, and each of these is to be seen.
        format!(
            "Webhook {} was created, but the response was lost",
            webhook.id
        ),
        format!(
            "While creating the webhook for {}: {cause}\n\nImmuta holds exactly one new webhook that matches the configuration, {id}. The provider sent it the whole configuration again, and Immuta confirmed that. It is in the state, and nothing remains to be done.\n\nIf another Terraform run may have created a webhook with this url at the same moment, check that its state does not hold {id} too.",
            shown(&webhook.url),
            id = webhook.id,
        ),
    )
}

pub(super) fn adopted(webhook: &Webhook, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook created, but not confirmed",
        format!(
            "While creating the webhook for {}: no response came, but Immuta now holds exactly one new webhook that matches the configuration, {}. Its signing key cannot be verified, so it is saved in the state as tainted.\n\n{cause}\n\nApply again: the webhook is replaced. If you know that it is as it should be, run terraform untaint first.",
            shown(&webhook.url),
            webhook.id
        ),
    )
}

pub(super) fn created_id_only(id: &WebhookId, url: &str, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook created, but the response could not be parsed",
        format!(
            "While creating the webhook for {}: Immuta created it with the id {id}, but the rest of the response could not be parsed. It is saved in the state as tainted.\n\n{cause}\n\nApply again: the webhook is replaced. {}",
            shown(url),
            cause.advice()
        ),
    )
}

/// What Immuta did.
#[derive(Clone, Copy)]
pub(super) enum Done {
    /// A webhook that core marks as tainted where there is an error.
    Created,
    /// A change of one.
    Updated,
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Done::Created => "created",
            Done::Updated => "updated",
        })
    }
}

/// A key that was dropped, or a value that was not applied: never passed over in silence.
pub(super) fn not_applied(
    done: Done,
    webhook: &Webhook,
    requested: &WebhookSpec,
    url_not_applied: bool,
) -> Option<Diagnostic> {
    let differences = webhook.differences(requested);
    let mut wrong = Vec::new();
    if url_not_applied {
        wrong.push("A new url was sent, but Immuta returned the previous one.".to_owned());
    }
    if differences.contains(&Difference::KeyDropped) {
        wrong.push(
            "A signing key was sent, but Immuta says that none is set: deliveries are not signed."
                .to_owned(),
        );
    }
    if differences.contains(&Difference::VerifyTls) {
        wrong.push(format!(
            "verify_tls was sent as {}, but Immuta returned {}.",
            requested.verify_tls, webhook.verify_tls
        ));
    }
    let next = match done {
        Done::Created => {
            "The webhook is tainted, so the next apply replaces it; run terraform untaint first to keep its id."
        }
        Done::Updated => "Apply again.",
    };
    (!wrong.is_empty()).then(|| {
        Diagnostic::error(
            "Immuta did not apply the requested values",
            format!(
                "The webhook {} was {done}, but the response differs from the request. The state holds what Immuta holds.\n\n{}\n\n{next} If this persists, this deployment of Immuta does not accept the value: look at the webhook in the Request app, and contact Immuta support.",
                webhook.id,
                wrong.join("\n")
            ),
        )
    })
}

pub(super) fn normalized(webhook: &Webhook, requested: &WebhookSpec) -> Option<Diagnostic> {
    if webhook_url::equivalent(&webhook.url, &requested.url) {
        return None;
    }
    let difference = match webhook_url::same_but_for_form(&webhook.url, &requested.url) {
        true => "another form of it, with another trailing slash or percent-encoding",
        false => "another url",
    };
    Some(Diagnostic::warning(
        "Immuta normalized the url",
        format!(
            "Immuta returned {difference} for the url of the webhook {} ({}). The state holds the url as configured, and later plans show no difference. If deliveries do not arrive, look at the webhook in the Request app and write the url as Immuta does.",
            webhook.id,
            shown(&webhook.url)
        ),
    ))
}

pub(super) fn unmanaged_key_lost(id: &WebhookId) -> Diagnostic {
    Diagnostic::error(
        "Signing key lost",
        format!(
            "The webhook {id} was updated. It had a signing key that was set outside of Terraform, and Immuta dropped it with the update: deliveries are not signed any more.\n\nSet the key again in the Request app, or let Terraform manage it with signing_key_wo or signing_key."
        ),
    )
}

pub(super) fn update_unconfirmed(id: &WebhookId, cause: &Error) -> Diagnostic {
    diagnostic::from_api_error(
        "Webhook update not confirmed",
        format_args!(
            "While updating the webhook {id}: no response confirms the update. The state now holds what Immuta holds; plan again to see what remains to be done."
        ),
        cause,
    )
}

/// An update whose outcome is unknown.
pub(super) fn may_be_updated(id: &WebhookId, key_sent: bool, cause: &Error) -> Diagnostic {
    let next = match key_sent {
        true => {
            "Which signing key Immuta holds is unknown, so the next plan shows a change that sends the configured key again, whatever it is by then."
        }
        false => "The next plan shows what remains to be done.",
    };
    diagnostic::from_api_error(
        "Webhook may have been updated",
        format_args!(
            "While updating the webhook {id}: no response says whether the update was applied. The state stays as it was. {next}"
        ),
        cause,
    )
}

pub(super) fn not_found(id: &WebhookId, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook not found",
        format!(
            "While updating the webhook {id}: it no longer exists in Immuta; it was deleted outside of Terraform after this plan was made.\n\n{cause}\n\nPlan again: the webhook will be created again."
        ),
    )
}

pub(super) fn not_updated(id: &WebhookId, cause: &Error) -> Diagnostic {
    diagnostic::from_api_error(
        "Unable to update webhook",
        format_args!("While updating the webhook {id}. The state stays as it was."),
        cause,
    )
}

pub(super) fn not_deleted(id: &WebhookId, cause: &Error) -> Diagnostic {
    diagnostic::from_api_error(
        "Unable to delete webhook",
        format_args!("While deleting the webhook {id}. It stays in the state."),
        cause,
    )
}

pub(super) fn duplicate(id: &WebhookId, url: &str) -> Diagnostic {
    Diagnostic::warning(
        // CLIs show only the first of several warnings with one summary, and each of these is to be seen.
        format!("Webhook {id} already has this url"),
        format!(
            "Immuta already holds the webhook {id} with this url ({}). If no configuration manages it, import it:\n\n  terraform import ADDRESS {id}\n\nOtherwise the apply creates a second webhook, and every event is delivered twice. If it is the webhook that this one replaces (create_before_destroy), there is nothing to do.",
            shown(url)
        ),
    )
}

pub(super) fn duplicates_unchecked(cause: &Error) -> Diagnostic {
    Diagnostic::warning(
        "Unable to check for existing webhooks",
        format!(
            "Before a webhook is created, the provider looks for one that already has its url, as an interrupted apply leaves it. The webhooks could not be listed.\n\n{cause}\n\n{}",
            cause.advice()
        ),
    )
}

pub(super) fn missing_write_only_key() -> Diagnostic {
    Diagnostic::error(
        "Missing signing_key_wo",
        "signing_key_wo_version is set without signing_key_wo, and this change sends the signing key. Set signing_key_wo, or remove signing_key_wo_version. A plan without changes, a refresh and a destroy do without the key.",
    )
    .at(Path::attribute("signing_key_wo"))
}

/// Why a plan changes a webhook whose attributes show no reason.
pub(super) fn key_unconfirmed(id: &WebhookId) -> Diagnostic {
    Diagnostic::warning(
        "Signing key not confirmed",
        format!(
            "An earlier update of the webhook {id} carried a signing key, and no response confirmed it: which key Immuta holds is unknown. So this plan sends the configured key again, or replaces the webhook where no key is configured. Apply it."
        ),
    )
}

/// A managed key that is null, where that was perhaps not planned.
pub(super) fn key_is_null(id: &str, attribute: &'static str) -> Diagnostic {
    Diagnostic::error(
        "Signing key is null",
        format!(
            "The signing key of the webhook {id} is managed, and {attribute} is null now: it turned out to be null after it was unknown in the plan, or it was removed and this plan was made with -refresh=false. Immuta cannot remove a key, so the webhook has to be replaced, which no plan has shown. Nothing was changed.\n\nApply again, with a refresh: the plan then shows the replacement."
        ),
    )
    .at(Path::attribute(attribute))
}

/// A url as messages show it.
fn shown(url: &str) -> String {
    webhook_url::redacted(url)
}
