//! Which webhook belongs to whom: the ids that this process knows, and what may be adopted. Pure.

use std::collections::HashSet;

use crate::immuta::models::Webhook;
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhook_url;

/// The ids that this process knows: created by it, adopted by it, or seen in a state. None of them is ever adopted.
#[derive(Debug, Default)]
pub(super) struct KnownIds(HashSet<WebhookId>);

/// What the list holds after a create whose outcome is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Adoption {
    /// Exactly this one is new; its id is known now.
    Unique(Webhook),
    /// None, or several, or it cannot be told which are new.
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

    /// Looks for the one webhook that an ambiguous create made: its url is equivalent, it did not exist before the first
    /// create of this process, and its id is not known.
    pub(super) fn adopt(
        &mut self,
        url: &str,
        baseline: Option<&[Webhook]>,
        now: &[Webhook],
    ) -> Adoption {
        let mut candidates: Vec<Webhook> = now
            .iter()
            .filter(|webhook| webhook_url::equivalent(&webhook.url, url))
            .filter(|webhook| !self.0.contains(&webhook.id) && !existed(&webhook.id, baseline))
            .cloned()
            .collect();
        match (baseline, candidates.pop()) {
            (Some(_), Some(only)) if candidates.is_empty() => {
                self.insert(&only.id);
                Adoption::Unique(only)
            }
            (_, last) => {
                candidates.extend(last);
                Adoption::Ambiguous(candidates)
            }
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
            known.adopt("https://h.example/", Some(&baseline), &now),
            Adoption::Unique(new)
        );
        assert_eq!(
            known.adopt("https://h.example/", Some(&baseline), &now),
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
            known.adopt("https://h.example/", Some(&[]), &now),
            Adoption::Ambiguous(vec![a.clone(), b.clone()])
        );
        assert_eq!(
            known.adopt("https://h.example/", None, &now[..1]),
            Adoption::Ambiguous(vec![a.clone()])
        );
        assert_eq!(
            known.adopt("https://h.example/", Some(&[]), &[]),
            Adoption::Ambiguous(vec![])
        );
        // What another create returned, or a state holds, is no candidate.
        assert!(known.insert(&WebhookId::parse("A").unwrap()));
        assert!(!known.insert(&a.id));
        assert_eq!(
            known.adopt("https://h.example/", Some(&[]), &now),
            Adoption::Unique(b)
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
