//! The id of a webhook as users write it.

use crate::{
    immuta::WebhookId,
    tfplugin::{Diagnostic, path::Path},
};

/// Parses the value of an attribute.
pub(super) fn parse(name: &'static str, text: &str) -> Result<WebhookId, Diagnostic> {
    WebhookId::parse(text).map_err(|problem| {
        Diagnostic::error(
            format!("Invalid {name}"),
            format!("{name} is not the id of a webhook: {problem}. Set it to the id that Immuta assigned to the webhook, a UUID such as 3f0c9a52-6d0e-4b57-9d0c-0f4c1c7b2a11."),
        )
        .at(Path::attribute(name))
    })
}
