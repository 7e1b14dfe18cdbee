//! Which webhook belongs to whom: the ids that this process knows, and what may be adopted. Pure.

use std::collections::HashSet;

use super::models::Webhook;
use super::webhook_url;

/// The ids that this process knows: made by it, adopted by it, or seen in a state. None of them is ever anything else's.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashSet<String>);

/// What a look at the list after a create in doubt comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Exactly this one is new; it is claimed now.
    Adopt(Webhook),
    /// None, or several, or it cannot be told which are new.
    Unclear(Vec<Webhook>),
}

impl Claims {
    /// Claims an id. False: it was known already.
    pub(crate) fn claim(&mut self, id: &str) -> bool {
        self.0.insert(id.to_ascii_lowercase())
    }

    /// Claims the id of a webhook that the API says it made. False: it was known already, or it was there before the
    /// first create of this process (an apply does not get to see the webhooks that it leaves alone).
    pub(crate) fn claim_new(&mut self, id: &str, baseline: Option<&[Webhook]>) -> bool {
        !was_there(id, baseline) && self.claim(id)
    }

    fn knows(&self, id: &str) -> bool {
        self.0.contains(&id.to_ascii_lowercase())
    }

    /// Looks for the one webhook that a create in doubt made: its url is equivalent, it was not there before the first
    /// create of this process, and it is nothing else's.
    pub(crate) fn look(
        &mut self,
        url: &str,
        baseline: Option<&[Webhook]>,
        now: &[Webhook],
    ) -> Look {
        let mut candidates: Vec<Webhook> = now
            .iter()
            .filter(|webhook| {
                webhook_url::equivalent(&webhook.url, url) && !self.knows(&webhook.id)
            })
            .filter(|webhook| !was_there(&webhook.id, baseline))
            .cloned()
            .collect();
        match (baseline, candidates.pop()) {
            (Some(_), Some(only)) if candidates.is_empty() => {
                self.claim(&only.id);
                Look::Adopt(only)
            }
            (_, last) => {
                candidates.extend(last);
                Look::Unclear(candidates)
            }
        }
    }

    /// Of webhooks that were there before, the ids that this process does not know.
    pub(crate) fn twins<'a>(&self, before: impl Iterator<Item = &'a Webhook>) -> Vec<String> {
        before
            .filter(|webhook| !self.knows(&webhook.id))
            .map(|webhook| webhook.id.clone())
            .collect()
    }
}

fn was_there(id: &str, baseline: Option<&[Webhook]>) -> bool {
    let mut before = baseline.unwrap_or_default().iter();
    before.any(|old| old.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(id: &str, url: &str) -> Webhook {
        Webhook {
            id: id.to_owned(),
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
        let now = [old.clone(), new.clone(), other.clone()];
        let mut claims = Claims::default();
        let baseline = [old.clone()];
        let look = claims.look("https://h.example/", Some(&baseline), &now);
        assert_eq!(look, Look::Adopt(new));
        let again = claims.look("https://h.example/", Some(&baseline), &now);
        assert_eq!(again, Look::Unclear(vec![]));
    }

    #[test]
    fn several_new_ones_none_or_no_baseline_are_unclear() {
        let a = webhook("a", "https://h.example/");
        let b = webhook("b", "https://h.example/");
        let mut claims = Claims::default();
        let now = [a.clone(), b.clone()];
        assert_eq!(
            claims.look("https://h.example/", Some(&[]), &now),
            Look::Unclear(vec![a.clone(), b.clone()])
        );
        assert_eq!(
            claims.look("https://h.example/", None, &now[..1]),
            Look::Unclear(vec![a.clone()])
        );
        assert_eq!(
            claims.look("https://h.example/", Some(&[]), &[]),
            Look::Unclear(vec![])
        );
        // What another create was answered with, or a state holds, is no candidate.
        assert!(claims.claim("A"));
        assert!(!claims.claim("a"));
        assert_eq!(
            claims.look("https://h.example/", Some(&[]), &now),
            Look::Adopt(b)
        );
    }

    #[test]
    fn twins_are_those_that_nobody_knows() {
        let before = [
            webhook("a", "https://h.example/"),
            webhook("b", "https://h.example"),
        ];
        let mut claims = Claims::default();
        claims.claim("A");
        assert_eq!(claims.twins(before.iter()), ["b"]);
        assert!(claims.twins([].iter()).is_empty());
    }
}
