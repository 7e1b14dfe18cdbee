//! Which webhook belongs to whom: the ids that this process knows, and what may be adopted. Pure.

use std::collections::HashSet;

use crate::immuta::models::{Webhook, WebhookSpec};
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhook_url;

/// The ids that this process knows: created by it, adopted by it, or seen in a state. None of them is ever adopted.
#[derive(Debug, Default)]
pub(super) struct KnownIds(HashSet<WebhookId>);

/// What the list holds after a create whose outcome is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Adoption {
    /// Exactly this new one is what was requested; its id is known now.
    Unique(Webhook),
    /// Not exactly one, or it is unknown which are new. These new ones have the url.
    Ambiguous(Vec<Webhook>),
}

impl KnownIds {
    /// Adds an id. False: it was known already.
    pub(super) fn insert(&mut self, id: &WebhookId) -> bool {
        self.0.insert(id.clone())
    }

    /// Adds the id of a webhook that the API says it created. False: it was known already, or it existed before the
    /// first create of this process (an apply does not get to see the webhooks that it leaves alone).
    pub(super) fn insert_new(&mut self, id: &WebhookId, baseline: Option<&[Webhook]>) -> bool {
        !existed(id, baseline) && self.insert(id)
    }

    /// Looks for the one webhook that an ambiguous create made: it is what was requested, as far as the API tells, it did
    /// not exist before the first create of this process, and its id is not known.
    pub(super) fn adopt(
        &mut self,
        spec: &WebhookSpec,
        baseline: Option<&[Webhook]>,
        now: &[Webhook],
    ) -> Adoption {
        let candidates: Vec<&Webhook> = now
            .iter()
            .filter(|webhook| webhook_url::same_but_for_form(&webhook.url, &spec.url))
            .filter(|webhook| !self.0.contains(&webhook.id) && !existed(&webhook.id, baseline))
            .collect();
        let mut matching = candidates.iter().filter(|webhook| {
            webhook.verify_tls == spec.verify_tls
                && webhook.signing_key_set == spec.signing_key.is_some()
        });
        match (baseline, matching.next(), matching.next()) {
            (Some(_), Some(only), None) => {
                self.0.insert(only.id.clone());
                Adoption::Unique((*only).clone())
            }
            _ => Adoption::Ambiguous(candidates.into_iter().cloned().collect()),
        }
    }

    /// The ids of these webhooks that this process does not know.
    pub(super) fn unknown<'a>(
        &self,
        webhooks: impl Iterator<Item = &'a Webhook>,
    ) -> Vec<WebhookId> {
        webhooks
            .map(|webhook| &webhook.id)
            .filter(|id| !self.0.contains(id))
            .cloned()
            .collect()
    }
}

fn existed(id: &WebhookId, baseline: Option<&[Webhook]>) -> bool {
    let mut before = baseline.unwrap_or_default().iter();
    before.any(|webhook| webhook.id == *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::immuta::testing::api::{spec, spec_with_key};

    fn webhook(id: &str, url: &str) -> Webhook {
        Webhook {
            id: WebhookId::parse(id).unwrap(),
            url: url.to_owned(),
            verify_tls: true,
            signing_key_set: false,
            suppressed: false,
        }
    }

    #[test]
    fn exactly_one_new_webhook_is_adopted_and_only_once() {
        let old = webhook("old", "https://h.example/");
        let new = webhook("new", "https://H.example");
        let other = webhook("other", "https://other.example/");
        let now = [old.clone(), new.clone(), other];
        let mut known = KnownIds::default();
        let baseline = [old];
        assert_eq!(
            known.adopt(&spec("https://h.example/"), Some(&baseline), &now),
            Adoption::Unique(new)
        );
        assert_eq!(
            known.adopt(&spec("https://h.example/"), Some(&baseline), &now),
            Adoption::Ambiguous(vec![])
        );
    }

    #[test]
    fn several_new_ones_none_or_no_baseline_are_ambiguous() {
        let a = webhook("a", "https://h.example/");
        let b = webhook("b", "https://h.example/");
        let mut known = KnownIds::default();
        let now = [a.clone(), b.clone()];
        assert_eq!(
            known.adopt(&spec("https://h.example/"), Some(&[]), &now),
            Adoption::Ambiguous(vec![a.clone(), b.clone()])
        );
        assert_eq!(
            known.adopt(&spec("https://h.example/"), None, &now[..1]),
            Adoption::Ambiguous(vec![a.clone()])
        );
        assert_eq!(
            known.adopt(&spec("https://h.example/"), Some(&[]), &[]),
            Adoption::Ambiguous(vec![])
        );
        // What another create returned, or a state holds, is no candidate.
        assert!(known.insert(&WebhookId::parse("A").unwrap()));
        assert!(!known.insert(&a.id));
        assert_eq!(
            known.adopt(&spec("https://h.example/"), Some(&[]), &now),
            Adoption::Unique(b)
        );
    }

    /// Another run may create the same url at once: what is not what was requested is not ours.
    #[test]
    fn what_is_not_as_requested_is_named_and_not_adopted() {
        let without_key = webhook("a", "https://h.example/");
        let with_key = Webhook {
            id: WebhookId::parse("b").unwrap(),
            signing_key_set: true,
            ..without_key.clone()
        };
        let unverified = Webhook {
            id: WebhookId::parse("c").unwrap(),
            verify_tls: false,
            ..without_key.clone()
        };
        let now = [without_key.clone(), with_key.clone(), unverified.clone()];
        let adopt = |spec| KnownIds::default().adopt(&spec, Some(&[]), &now);
        assert_eq!(
            adopt(spec("https://h.example/")),
            Adoption::Unique(without_key)
        );
        assert_eq!(
            adopt(spec_with_key("https://h.example/")),
            Adoption::Unique(with_key)
        );
        let unverified_with_key = WebhookSpec {
            verify_tls: false,
            ..spec_with_key("https://h.example/")
        };
        assert_eq!(
            adopt(unverified_with_key),
            Adoption::Ambiguous(now.to_vec())
        );
    }

    #[test]
    fn duplicates_are_those_that_no_state_holds() {
        let before = [
            webhook("a", "https://h.example/"),
            webhook("b", "https://h.example"),
        ];
        let mut known = KnownIds::default();
        known.insert(&WebhookId::parse("A").unwrap());
        assert_eq!(known.unknown(before.iter()), [before[1].id.clone()]);
        assert!(known.unknown([].iter()).is_empty());
    }
}
