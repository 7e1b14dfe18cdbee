//! A list of webhooks as the API returned it, and what finds one among thousands at once.

use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::OnceLock;

use crate::immuta::models::Webhook;
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhook_url;

/// The webhooks in the API's order. What finds them is made when it is first asked, and is small: a refresh of
/// thousands looks each of them up, and none may cost a walk through all.
pub(super) struct WebhookList {
    webhooks: Vec<Webhook>,
    /// Places in `webhooks`, sorted by id.
    by_id: OnceLock<Vec<usize>>,
    by_url: OnceLock<ByUrl>,
}

/// The hash of each url's normal form with its place in the list, sorted.
struct ByUrl {
    hasher: RandomState,
    places: Vec<(u64, usize)>,
}

impl WebhookList {
    pub(super) fn new(webhooks: Vec<Webhook>) -> WebhookList {
        WebhookList {
            webhooks,
            by_id: OnceLock::new(),
            by_url: OnceLock::new(),
        }
    }

    /// The webhook with this id, in whatever case it is written.
    pub(super) fn find(&self, id: &WebhookId) -> Option<&Webhook> {
        let id_at = |place: usize| self.webhooks.get(place).map(|webhook| &webhook.id);
        let by_id = self.by_id.get_or_init(|| {
            let mut places: Vec<usize> = (0..self.webhooks.len()).collect();
            places.sort_by_key(|place| id_at(*place));
            places
        });
        let at = by_id.partition_point(|place| id_at(*place) < Some(id));
        let webhook = self.webhooks.get(*by_id.get(at)?)?;
        (webhook.id == *id).then_some(webhook)
    }

    /// The webhooks with this url, in whatever form the API returns it.
    pub(super) fn with_url(&self, url: &str) -> impl Iterator<Item = &Webhook> {
        let by_url = self.by_url.get_or_init(|| {
            let hasher = RandomState::new();
            let hashes = self
                .webhooks
                .iter()
                .map(|webhook| hash(&hasher, &webhook.url));
            let mut places: Vec<(u64, usize)> = hashes.zip(0..).collect();
            places.sort_unstable();
            ByUrl { hasher, places }
        });
        let hash = hash(&by_url.hasher, url);
        let first = by_url.places.partition_point(|(other, _)| *other < hash);
        by_url
            .places
            .iter()
            .skip(first)
            .take_while(move |(other, _)| *other == hash)
            .filter_map(|(_, place)| self.webhooks.get(*place))
            .filter(move |webhook| webhook_url::same_but_for_form(&webhook.url, url))
    }
}

fn hash(hasher: &RandomState, url: &str) -> u64 {
    hasher.hash_one(webhook_url::parts(url))
}

impl Deref for WebhookList {
    type Target = [Webhook];

    fn deref(&self) -> &[Webhook] {
        &self.webhooks
    }
}

impl std::fmt::Debug for WebhookList {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(&self.webhooks).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(ids_and_urls: Vec<(String, String)>) -> WebhookList {
        WebhookList::new(
            ids_and_urls
                .into_iter()
                .map(|(id, url)| Webhook {
                    id: WebhookId::parse(&id).unwrap(),
                    url,
                    verify_tls: true,
                    signing_key_set: false,
                    suppressed: false,
                })
                .collect(),
        )
    }

    proptest! {
        #[test]
        fn it_finds_what_a_walk_finds(
            ids_and_urls in prop::collection::vec(
                ("[a-cA-C]{1,3}", prop::sample::select(vec![
                    "https://h.example", "https://h.example/", "HTTPS://H.example:443/", "https://h.example/a", "https://h.example/%61/", "no url",
                ]).prop_map(str::to_owned)),
                0..20,
            ),
            id in "[a-cA-C]{1,3}",
            url in prop::sample::select(vec!["https://h.example", "https://H.EXAMPLE/a", "no url", "other"]),
        ) {
            let list = list(ids_and_urls);
            let id = WebhookId::parse(&id).unwrap();
            let walked = list.iter().find(|webhook| id == webhook.id);
            prop_assert_eq!(list.find(&id), walked);

            let walked = list.iter().filter(|webhook| webhook_url::same_but_for_form(&webhook.url, url));
            prop_assert_eq!(list.with_url(url).collect::<Vec<_>>(), walked.collect::<Vec<_>>());
        }
    }
}
