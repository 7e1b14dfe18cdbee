//! The history of a webhook: all pages, then in order.
//!
//! The API's order is not documented, so the newest deliveries are known only once all are there. A page that is not
//! full is not the last one: the API may give fewer than was asked. `meta.totalCount` or an empty page ends it.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tokio_util::sync::CancellationToken;

use super::client_inner::ClientInner;
use super::requests;
use crate::immuta::error::{Error, ErrorKind};
use crate::immuta::models::{self, Delivery, HistoryPage, LONGEST_MESSAGE};
use crate::immuta::webhook_id::WebhookId;

/// Longer histories are not fetched.
const LONGEST: usize = 10_000;

impl ClientInner {
    pub(super) async fn history(
        &self,
        id: &WebhookId,
        limit: usize,
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, Error> {
        let operation = self.operation(stop);
        let mut pages = Pages::default();
        loop {
            let request = requests::history(id, pages.offset);
            let response = self.sender.send(&request, &operation).await.result?;
            let page = self.sender.decode(
                &request,
                &response,
                "a page of a history",
                models::decode_history_page,
            )?;
            match pages.add(page) {
                Next::Page => {}
                Next::End => {
                    let redactor = self.sender.redactor();
                    let mut deliveries = newest_first(pages.deliveries, limit);
                    for delivery in &mut deliveries {
                        delivery.message = redactor.redact(&delivery.message, LONGEST_MESSAGE);
                    }
                    return Ok(deliveries);
                }
                Next::TooLong => {
                    let clause = format!(
                        "has more than {LONGEST} deliveries, too many to find the newest ones"
                    );
                    return Err(Error::for_request(
                        ErrorKind::HistoryTooLong,
                        &request.method,
                        &request.path,
                        clause,
                    ));
                }
            }
        }
    }
}

/// The pages so far.
#[derive(Debug, Default)]
struct Pages {
    /// Where the next page begins.
    offset: usize,
    deliveries: Vec<Delivery>,
    /// A delivery that is made meanwhile shifts the others: they come twice.
    ids: HashSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Page,
    End,
    TooLong,
}

impl Pages {
    fn add(&mut self, page: HistoryPage) -> Next {
        let total = page.meta.and_then(|meta| meta.total_count);
        let total = total.map(|total| usize::try_from(total).unwrap_or_default());
        if page.data.is_empty() {
            return Next::End;
        }
        self.offset += page.data.len();
        for delivery in page.data {
            if self.ids.insert(delivery.delivery_id.clone()) {
                self.deliveries.push(delivery);
            }
        }
        if self.offset > LONGEST || total.is_some_and(|total| total > LONGEST) {
            Next::TooLong
        } else if total.is_some_and(|total| self.offset >= total) {
            Next::End
        } else {
            Next::Page
        }
    }
}

/// Deliveries without a readable time come last.
fn newest_first(mut deliveries: Vec<Delivery>, limit: usize) -> Vec<Delivery> {
    deliveries.sort_by_cached_key(|delivery| Reverse(time(&delivery.created_at)));
    deliveries.truncate(limit);
    deliveries
}

/// A time without a zone is taken for UTC.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let time: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(time).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::immuta::models::HistoryMeta;

    fn delivery(id: usize, created_at: &str) -> Delivery {
        Delivery {
            webhook_id: "w".to_owned(),
            delivery_id: id.to_string(),
            status: "SUCCESS".to_owned(),
            http_status_code: Some(200),
            created_at: created_at.to_owned(),
            message: String::new(),
        }
    }

    fn page(ids: std::ops::Range<usize>, total: Option<i64>) -> HistoryPage {
        HistoryPage {
            data: ids
                .map(|id| delivery(id, "2025-01-09T12:34:56.000Z"))
                .collect(),
            meta: Some(HistoryMeta { total_count: total }),
        }
    }

    #[test]
    fn the_total_or_an_empty_page_ends_it_and_a_short_page_does_not() {
        let mut pages = Pages::default();
        assert_eq!(pages.add(page(0..10, Some(25))), Next::Page);
        assert_eq!(pages.add(page(10..20, Some(25))), Next::Page);
        assert_eq!(pages.offset, 20);
        assert_eq!(pages.add(page(20..25, Some(25))), Next::End);
        assert_eq!(pages.deliveries.len(), 25);

        let mut pages = Pages::default();
        assert_eq!(pages.add(page(0..3, None)), Next::Page);
        assert_eq!(pages.add(page(0..0, None)), Next::End);
        assert_eq!(Pages::default().add(page(0..0, Some(5))), Next::End);
    }

    #[test]
    fn shifted_deliveries_count_once() {
        let mut pages = Pages::default();
        assert_eq!(pages.add(page(0..100, Some(101))), Next::Page);
        assert_eq!(pages.add(page(99..101, Some(102))), Next::End);
        assert_eq!(pages.deliveries.len(), 101);
    }

    #[test]
    fn too_long_histories() {
        assert_eq!(
            Pages::default().add(page(0..100, Some(10_001))),
            Next::TooLong
        );
        assert_eq!(Pages::default().add(page(0..100, Some(10_000))), Next::Page);
        // A server that ignores the offset ends here.
        let mut pages = Pages::default();
        let mut next = Next::Page;
        let mut count = 0;
        while next == Next::Page {
            next = pages.add(page(0..100, None));
            count += 1;
        }
        assert_eq!((next, count), (Next::TooLong, 101));
    }

    #[test]
    fn newest_come_first_whatever_the_order() {
        let deliveries = vec![
            delivery(1, "2025-01-09T12:34:56.000Z"),
            delivery(2, "2025-01-09T13:34:56+02:00"),
            delivery(3, "2025-01-10T00:00:00"),
            delivery(4, "yesterday"),
        ];
        let order = |deliveries: Vec<Delivery>| -> Vec<String> {
            deliveries
                .into_iter()
                .map(|delivery| delivery.delivery_id)
                .collect()
        };
        assert_eq!(
            order(newest_first(deliveries.clone(), 25)),
            ["3", "1", "2", "4"]
        );
        assert_eq!(
            order(newest_first(deliveries.into_iter().rev().collect(), 2)),
            ["3", "1"]
        );
    }
}
