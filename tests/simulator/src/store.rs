//! The webhooks that the simulated Immuta holds, in the order in which they were made.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::history::DeliveryRecord;

/// A webhook as the simulator holds it, the signing key in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredWebhook {
    /// The uuid given at creation.
    pub id: String,
    /// Where deliveries go, as it was sent.
    pub url: String,
    /// Whether the receiver's certificate is verified.
    pub verify_tls: bool,
    /// The key that signs deliveries.
    pub signing_key: Option<String>,
    /// Whether deliveries are being held back. No call of the API sets it.
    pub suppressed: bool,
}

impl StoredWebhook {
    /// A webhook with a fresh id, TLS verified, no key, not suppressed.
    pub fn new(url: impl Into<String>) -> StoredWebhook {
        StoredWebhook {
            id: uuid::Uuid::new_v4().to_string(),
            url: url.into(),
            verify_tls: true,
            signing_key: None,
            suppressed: false,
        }
    }

    /// The same with a signing key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> StoredWebhook {
        self.signing_key = Some(key.into());
        self
    }

    /// The same with `verify_tls` set.
    #[must_use]
    pub fn with_verify_tls(mut self, verify_tls: bool) -> StoredWebhook {
        self.verify_tls = verify_tls;
        self
    }

    /// The same with `suppressed` set.
    #[must_use]
    pub fn with_suppressed(mut self, suppressed: bool) -> StoredWebhook {
        self.suppressed = suppressed;
        self
    }
}

/// Says whether there is a key, never which: a failed assertion must not print one.
impl fmt::Debug for StoredWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredWebhook")
            .field("id", &self.id)
            .field("url", &self.url)
            .field("verify_tls", &self.verify_tls)
            .field("signing_key_set", &self.signing_key.is_some())
            .field("suppressed", &self.suppressed)
            .finish()
    }
}

#[derive(Debug)]
struct Entry {
    webhook: StoredWebhook,
    history: Vec<DeliveryRecord>,
}

/// Webhooks by order of creation and by id; both cheap with thousands of them.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: BTreeMap<u64, Entry>,
    by_id: HashMap<String, u64>,
    next: u64,
}

impl Store {
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &StoredWebhook> {
        self.entries.values().map(|entry| &entry.webhook)
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.get(self.by_id.get(id)?)
    }

    fn entry_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.get_mut(self.by_id.get(id)?)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&StoredWebhook> {
        self.entry(id).map(|entry| &entry.webhook)
    }

    /// Puts a webhook in at the end, or in place of the one with the same id.
    pub(crate) fn insert(&mut self, webhook: StoredWebhook) {
        if let Some(entry) = self.entry_mut(&webhook.id) {
            entry.webhook = webhook;
            return;
        }
        self.by_id.insert(webhook.id.clone(), self.next);
        let history = Vec::new();
        self.entries.insert(self.next, Entry { webhook, history });
        self.next += 1;
    }

    /// Changes a webhook; its id stays what it was. `None` when there is none.
    pub(crate) fn edit<R>(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut StoredWebhook) -> R,
    ) -> Option<R> {
        let entry = self.entry_mut(id)?;
        let result = change(&mut entry.webhook);
        id.clone_into(&mut entry.webhook.id);
        Some(result)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<StoredWebhook> {
        let order = self.by_id.remove(id)?;
        self.entries.remove(&order).map(|entry| entry.webhook)
    }

    /// The webhook's deliveries, oldest first.
    pub(crate) fn history(&self, id: &str) -> Option<&[DeliveryRecord]> {
        self.entry(id).map(|entry| entry.history.as_slice())
    }

    /// Adds to the webhook's history; nothing happens when it is gone.
    pub(crate) fn record(
        &mut self,
        id: &str,
        deliveries: impl IntoIterator<Item = DeliveryRecord>,
    ) -> bool {
        match self.entry_mut(id) {
            Some(entry) => {
                entry.history.extend(deliveries);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_ids_are_found() {
        let mut store = Store::default();
        let hooks: Vec<_> = (0..4)
            .map(|n| StoredWebhook::new(format!("https://example.com/{n}")))
            .collect();
        for hook in &hooks {
            store.insert(hook.clone());
        }
        assert_eq!(store.remove(&hooks[1].id), Some(hooks[1].clone()));
        assert_eq!(store.remove(&hooks[1].id), None);
        store
            .edit(&hooks[2].id, |hook| {
                hook.suppressed = true;
                hook.id = "another".into();
            })
            .unwrap();
        let ids: Vec<_> = store.iter().map(|hook| hook.id.as_str()).collect();
        assert_eq!(ids, [&hooks[0].id, &hooks[2].id, &hooks[3].id]);
        assert!(store.get(&hooks[2].id).unwrap().suppressed);
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let hook = StoredWebhook::new("https://example.com").with_key("s3cret");
        assert!(!format!("{hook:?}").contains("s3cret"));
    }
}
