//! What users are told about webhooks: what was being done to which, what the API answered, and
//! what to do next.

use crate::{
    immuta::{Difference, Error, Webhook, WebhookId, WebhookSpec, webhook_url::redacted},
    provider::problem,
    tfplugin::Diagnostic,
};

pub(super) fn no_id() -> Diagnostic {
    Diagnostic::error(
        "Webhook without an id in state",
        "The state of this webhook holds no id, so it cannot be found in Immuta. Remove it from the state (terraform state rm) and import it by its id.",
    )
}

pub(super) fn import_unconfigured() -> Diagnostic {
    Diagnostic::error(
        "Cannot import yet",
        "The provider block refers to values that are known only after an apply, so the webhook cannot be read. Nothing was imported. Apply what those values come from first (-target), or give them as variables.",
    )
}

pub(super) fn import_unreadable(id: &WebhookId, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook cannot be imported here",
        format!(
            "While importing the webhook {id}: this deployment of Immuta offers no way to read webhooks, so there is nothing to fill the state with. Nothing was imported.\n\n{cause}\n\nDelete the webhook in the Request app and let Terraform create it anew, or ask Immuta's support for a deployment with GET /api/notification/webhook."
        ),
    )
}

pub(super) fn drift_unseen(cause: &Error) -> Diagnostic {
    Diagnostic::warning(
        "Drift cannot be seen",
        format!(
            "This deployment of Immuta offers no way to read webhooks, so the state is taken for what Immuta holds. Changes made outside of Terraform do not show in plans.\n\n{cause}"
        ),
    )
}

pub(super) fn not_read(id: &WebhookId, cause: &Error) -> Diagnostic {
    problem::of(
        "Webhook not read",
        format_args!("While reading the webhook {id}. Its state stays as it is."),
        cause,
    )
}

pub(super) fn not_created(url: &str, cause: &Error) -> Diagnostic {
    problem::of(
        "Webhook not created",
        format_args!(
            "While creating the webhook for {}. Nothing was created.",
            redacted(url)
        ),
        cause,
    )
}

pub(super) fn may_exist(url: &str, candidates: &[Webhook], cause: &Error) -> Diagnostic {
    let next = match candidates {
        [] => "List the webhooks in the Request app. If it is there, import it with\n\n  terraform import ADDRESS ID\n\nbefore you apply again, or delete it; else a second one with the same url would be created.".to_owned(),
        candidates => {
            let commands: Vec<_> = candidates
                .iter()
                .map(|webhook| format!("  terraform import ADDRESS {}", webhook.id))
                .collect();
            format!(
                "It may be the following, unless something else manages that. If it is, import it (ADDRESS is that of this resource) before you apply again, or delete it; else a second one with the same url would be created.\n\n{}",
                commands.join("\n")
            )
        }
    };
    Diagnostic::error(
        "Webhook may have been created",
        format!(
            "While creating the webhook for {}: the request was sent, but no answer came that tells whether the webhook was created. It is not in the state.\n\n{cause}\n\n{next}",
            redacted(url)
        ),
    )
}

pub(super) fn adopted(webhook: &Webhook, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook created, but not confirmed",
        format!(
            "While creating the webhook for {}: no answer came, but Immuta now holds exactly one new webhook with this url, {}. It is saved in the state as tainted, since its signing key cannot be verified.\n\n{cause}\n\nApply again: the webhook is replaced. If you know that it is as it should be, run terraform untaint first.",
            redacted(&webhook.url),
            webhook.id
        ),
    )
}

pub(super) fn created_id_only(id: &WebhookId, url: &str, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook created, but its answer not understood",
        format!(
            "While creating the webhook for {}: Immuta created it with the id {id}, but the rest of its answer could not be read. It is saved in the state as tainted.\n\n{cause}\n\nApply again: the webhook is replaced. {}",
            redacted(url),
            cause.advice()
        ),
    )
}

/// What Immuta took.
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

/// A key that was dropped or `verify_tls` that was not taken: never passed over in silence.
pub(super) fn not_as_asked(
    done: Done,
    webhook: &Webhook,
    asked: &WebhookSpec,
    url_not_taken: bool,
) -> Option<Diagnostic> {
    let differences = webhook.differences(asked);
    let mut wrong = Vec::new();
    if url_not_taken {
        wrong.push(format!(
            "The url was sent as {}, but Immuta says that it still is {}.",
            redacted(&asked.url),
            redacted(&webhook.url)
        ));
    }
    if differences.contains(&Difference::KeyDropped) {
        wrong.push(
            "A signing key was sent, but Immuta says that none is set: deliveries are not signed."
                .to_owned(),
        );
    }
    if differences.contains(&Difference::VerifyTls) {
        wrong.push(format!(
            "verify_tls was sent as {}, but Immuta says that it is {}.",
            asked.verify_tls, webhook.verify_tls
        ));
    }
    let next = match done {
        Done::Created => {
            "The webhook is tainted, so the next apply replaces it; terraform untaint it first to keep its id."
        }
        Done::Updated => "Apply again.",
    };
    (!wrong.is_empty()).then(|| {
        Diagnostic::error(
            "Webhook not as asked",
            format!(
                "The webhook {} was {done}, but Immuta's answer differs from what was asked. The state holds what Immuta holds.\n\n{}\n\n{next} If it stays so, this deployment of Immuta does not take the value: look at the webhook in the Request app, and ask Immuta's support.",
                webhook.id,
                wrong.join("\n")
            ),
        )
    })
}

pub(super) fn normalized(webhook: &Webhook, asked: &WebhookSpec) -> Option<Diagnostic> {
    let differences = webhook.differences(asked);
    let differs =
        differences.contains(&Difference::Url) || differences.contains(&Difference::UrlNormalized);
    let visibly = differs && !crate::immuta::webhook_url::equivalent(&webhook.url, &asked.url);
    visibly.then(|| {
        Diagnostic::warning(
            "Immuta spells the url differently",
            format!(
                "The webhook {} was sent with the url\n  {}\nand Immuta answered with\n  {}\nThe state keeps your spelling, and later plans show no difference. If deliveries do not arrive, write the url as Immuta does.",
                webhook.id,
                redacted(&asked.url),
                redacted(&webhook.url)
            ),
        )
    })
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
    problem::of(
        "Webhook update not confirmed",
        format_args!(
            "While updating the webhook {id}: no answer came that confirms it. The state now holds what Immuta holds; plan again to see what is left to do."
        ),
        cause,
    )
}

pub(super) fn gone(id: &WebhookId, cause: &Error) -> Diagnostic {
    Diagnostic::error(
        "Webhook is gone",
        format!(
            "While updating the webhook {id}: Immuta has no such webhook any more; it was deleted outside of Terraform after this plan was made.\n\n{cause}\n\nPlan again: the webhook will be created anew."
        ),
    )
}

pub(super) fn not_updated(id: &WebhookId, cause: &Error) -> Diagnostic {
    problem::of(
        "Webhook not updated",
        format_args!("While updating the webhook {id}. The state stays as it was."),
        cause,
    )
}

pub(super) fn not_deleted(id: &WebhookId, cause: &Error) -> Diagnostic {
    problem::of(
        "Webhook not deleted",
        format_args!("While deleting the webhook {id}. It stays in the state."),
        cause,
    )
}

pub(super) fn duplicate(id: &WebhookId, url: &str) -> Diagnostic {
    Diagnostic::warning(
        // CLIs show but the first of several warnings with one summary, and each of these is to be seen.
        format!("Webhook {id} already has this url"),
        format!(
            "Immuta already holds {id} with this url ({}). If no configuration manages it, import it:\n\n  terraform import ADDRESS {id}\n\nElse the apply makes a second webhook, and every event is delivered twice. If it is the webhook that this one replaces (create_before_destroy), there is nothing to do.",
            redacted(url)
        ),
    )
}
