//! What users write in an `immuta_webhook`, and which of it is valid.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{WebhookId, webhook_url},
    provider::secret::Secret,
    tfplugin::{
        Attribute, Diagnostic, IdentityAttribute, IdentitySchema, Schema,
        outcome::ResourceState,
        path::Path,
        value::{Attr, Number, Type, Value},
    },
};

/// The attributes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(in crate::provider) struct Model {
    pub(in crate::provider) id: Attr<String>,
    pub(in crate::provider) url: Attr<String>,
    pub(in crate::provider) verify_tls: Attr<bool>,
    pub(in crate::provider) signing_key: Attr<Secret>,
    pub(in crate::provider) signing_key_wo: Attr<Secret>,
    pub(in crate::provider) signing_key_wo_version: Attr<Number>,
    pub(in crate::provider) signing_key_set: Attr<bool>,
    pub(in crate::provider) suppressed: Attr<bool>,
}

impl Model {
    /// Whether Terraform set the key that the webhook has, in either form.
    pub(super) fn manages_key(&self) -> bool {
        !self.signing_key.is_null() || !self.signing_key_wo_version.is_null()
    }

    /// Whether a key is configured, or may be.
    pub(super) fn wants_key(&self) -> bool {
        self.manages_key() || !self.signing_key_wo.is_null()
    }

    /// Whether a write-only key is configured by its version alone, so that there is none to send. An ephemeral value
    /// need not be there for a plan that sends nothing.
    pub(super) fn lacks_write_only_key(&self) -> bool {
        self.signing_key_wo_version.is_known()
            && self.signing_key_wo.is_null()
            && self.signing_key.is_null()
    }
}

/// What names a webhook.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(in crate::provider) struct Identity {
    pub(in crate::provider) id: Attr<String>,
}

/// What state keeps beside the attributes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(in crate::provider) struct Private {
    /// The url as sent and as returned, where the API normalized it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) normalized: Option<NormalizedUrl>,
    /// Whether an update that carried a signing key had an unknown outcome: which key Immuta holds is unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) key_unconfirmed: bool,
}

/// A webhook as state keeps it.
pub(in crate::provider) type Stored = ResourceState<Model, Private>;

/// One url in two forms.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct NormalizedUrl {
    pub(super) sent: String,
    pub(super) returned: String,
}

pub(super) fn schema() -> Schema {
    Schema::new(
        "A webhook of the Immuta Request app: Immuta posts a message to its `url` when something happens to a data product, such as an access request that is created, revoked or about to expire. With a signing key, Immuta signs each delivery, so that the receiver can tell it from a forged one.",
    )
    .attribute(Attribute::string("url").required().description(
        "Where deliveries go: an absolute `http` or `https` URL. It is stored as configured. Everyone who may list webhooks in Immuta can read it, so put no password into it.",
    ))
    .attribute(
        Attribute::bool("verify_tls")
            .optional()
            .computed()
            .default_value(Value::Bool(true))
            .description(
                "Whether Immuta verifies the receiver's TLS certificate. Turn it off only for a receiver whose certificate is not signed by a public certificate authority. Defaults to `true`.",
            ),
    )
    .attribute(Attribute::string("signing_key").optional().sensitive().description(
        "The key that Immuta signs deliveries with. It is stored in the state; with Terraform 1.11 or OpenTofu 1.11 and later prefer `signing_key_wo`, which is not. Removing a key that Terraform manages replaces the webhook, since the API offers no removal. A key that Terraform never managed is left alone.",
    ))
    .attribute(
        Attribute::string("signing_key_wo")
            .optional()
            .sensitive()
            .write_only()
            .description(
                "The key that Immuta signs deliveries with, never stored in state or plan. It is sent when the webhook is created, when `signing_key_wo_version` changes, and with every other update. Needs Terraform 1.11 or OpenTofu 1.11 or later, and `signing_key_wo_version`. Conflicts with `signing_key`.",
            ),
    )
    .attribute(Attribute::number("signing_key_wo_version").optional().description(
        "Any number. Change it to send `signing_key_wo` again: a plan cannot detect a change of a write-only value itself.",
    ))
    .attribute(Attribute::string("id").computed().description("The id that Immuta assigned to the webhook, a UUID."))
    .attribute(
        Attribute::bool("signing_key_set")
            .computed()
            .description("Whether a signing key is set in Immuta, by Terraform or otherwise."),
    )
    .attribute(Attribute::bool("suppressed").computed().description(
        "Whether deliveries to this webhook are suppressed. Read-only.",
    ))
}

pub(super) fn identity_schema() -> IdentitySchema {
    IdentitySchema {
        version: 0,
        attributes: vec![IdentityAttribute {
            name: "id",
            value_type: Type::String,
            required_for_import: true,
            description: "The id that Immuta assigned to the webhook, a UUID.",
        }],
    }
}

/// Looks at a configuration, which may hold unknown values.
pub(super) fn validate(config: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(url) = config.url.as_known() {
        found.extend(check_url(url));
    }
    for (name, key) in [
        ("signing_key", &config.signing_key),
        ("signing_key_wo", &config.signing_key_wo),
    ] {
        found.extend(check_key(name, key));
    }
    // What is unknown may turn out null, so it neither conflicts nor is missed; core asks again.
    if config.signing_key.is_known() && config.signing_key_wo.is_known() {
        found.push(
            Diagnostic::error(
                "Conflicting signing keys",
                "signing_key and signing_key_wo are both set, but a webhook has one key. Remove one of them: signing_key_wo keeps the key out of the state, signing_key works with older CLIs.",
            )
            .at(Path::attribute("signing_key_wo")),
        );
    }
    if config.signing_key_wo.is_known() && config.signing_key_wo_version.is_null() {
        found.push(
            Diagnostic::error(
                "Missing signing_key_wo_version",
                "signing_key_wo is set without signing_key_wo_version. A write-only value cannot be compared, so the version tells when to send it. Add signing_key_wo_version = 1, and raise it whenever the key changes.",
            )
            .at(Path::attribute("signing_key_wo_version")),
        );
    }
    found
}

/// What is wrong with a url that deliveries shall go to, or unwise about it.
pub(in crate::provider) fn check_url(url: &str) -> Option<Diagnostic> {
    if let Err(problem) = webhook_url::check(url) {
        let error = Diagnostic::error(
            "Invalid url",
            format!(
                "The url that deliveries go to is not valid: {problem}. Write it like https://hooks.example.com/immuta."
            ),
        );
        return Some(error.at(Path::attribute("url")));
    }
    webhook_url::has_userinfo(url).then(|| {
        Diagnostic::warning(
            "Password in url",
            "The url holds a user name or password. Everyone who may list webhooks in Immuta can read it, and it is stored in the state. Let the receiver verify the signature of deliveries instead: set signing_key_wo or signing_key.",
        )
        .at(Path::attribute("url"))
    })
}

/// An empty key is more likely a mistake than a wish, and the API does not say what it does with one.
pub(in crate::provider) fn check_key(name: &'static str, key: &Attr<Secret>) -> Option<Diagnostic> {
    let is_empty = key.as_known().is_some_and(|key| key.expose().is_empty());
    is_empty.then(|| {
        Diagnostic::error(
            format!("Empty {name}"),
            format!("{name} is an empty string, which signs nothing. Set it to a key, or to null for none."),
        )
        .at(Path::attribute(name))
    })
}

/// What can be told of an id without asking the API.
pub(super) fn check_import_id(id: &str) -> Result<WebhookId, Diagnostic> {
    WebhookId::parse(id).map_err(|problem| {
        Diagnostic::error(
            "Invalid import id",
            format!("The id cannot be that of a webhook: {problem}. A webhook is imported by the id that Immuta assigned to it, a UUID such as 3f0c9a52-6d0e-4b57-9d0c-0f4c1c7b2a11; its url or name cannot be used. If you know only its url, read data \"immuta_webhook\" with that url: its id is the one to import."),
        )
    })
}
