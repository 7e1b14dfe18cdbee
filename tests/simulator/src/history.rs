//! Deliveries of a webhook as the API tells of them, and their paging.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::behaviour::HistoryOrder;

/// One entry of a webhook's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// The webhook's id.
    pub webhook_id: String,
    /// The delivery's own uuid.
    pub delivery_id: String,
    /// `SUCCESS` or `FAILED`.
    pub status: String,
    /// What the receiver answered; 0 when it did not.
    pub http_status_code: u16,
    /// When the delivery was made: RFC 3339, UTC, milliseconds.
    pub created_at: String,
    /// What went wrong; empty when nothing did.
    pub message: String,
}

impl DeliveryRecord {
    /// A delivery made now, with a fresh id.
    pub fn now(
        webhook_id: &str,
        status: &str,
        http_status_code: u16,
        message: &str,
    ) -> DeliveryRecord {
        DeliveryRecord {
            webhook_id: webhook_id.to_owned(),
            delivery_id: uuid::Uuid::new_v4().to_string(),
            status: status.to_owned(),
            http_status_code,
            created_at: format!("{:.3}", jiff::Timestamp::now()),
            message: message.to_owned(),
        }
    }
}

/// Which part of the history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    offset: usize,
    limit: usize,
}

/// Reads `offset` (default 0, at least 0) and `limit` (default 10, at least 1); else what is wrong with them.
fn page(query: &str) -> Result<Page, Vec<String>> {
    let mut problems = Vec::new();
    let mut number = |name: &str, default: usize, least: usize| {
        let prefix = format!("{name}=");
        let Some(text) = query
            .split('&')
            .rev()
            .find_map(|pair| pair.strip_prefix(&prefix))
        else {
            return default;
        };
        match text.parse::<f64>() {
            Ok(number) if number >= least as f64 => number as usize,
            Ok(_) => {
                problems.push(format!("{name} must not be less than {least}"));
                default
            }
            Err(_) => {
                problems.push(format!("{name} must be a number"));
                default
            }
        }
    };
    let page = Page {
        offset: number("offset", 0, 0),
        limit: number("limit", 10, 1),
    };
    if problems.is_empty() {
        Ok(page)
    } else {
        Err(problems)
    }
}

/// The page of `records` (oldest first) that `query` asks for. `cap` makes pages shorter than asked.
pub(crate) fn answer(
    records: &[DeliveryRecord],
    query: &str,
    order: HistoryOrder,
    cap: Option<usize>,
) -> Answer {
    let Page { offset, limit } = match page(query) {
        Ok(page) => page,
        Err(problems) => return Answer::invalid(&problems),
    };
    let taken = cap.map_or(limit, |cap| limit.min(cap));
    let data: Vec<&DeliveryRecord> = match order {
        HistoryOrder::OldestFirst => records.iter().skip(offset).take(taken).collect(),
        HistoryOrder::NewestFirst => records.iter().rev().skip(offset).take(taken).collect(),
    };
    let meta: Value = json!({
        "offset": offset,
        "limit": limit,
        "totalCount": records.len(),
        "pageCount": data.len(),
        "currentPage": offset / limit + 1,
        "totalPages": records.len().div_ceil(limit),
    });
    Answer::json(200, &json!({ "data": data, "meta": meta }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_is_read_from_the_query() {
        let cases = [
            ("", Ok((0, 10))),
            ("offset=20&limit=5", Ok((20, 5))),
            ("limit=100", Ok((0, 100))),
            ("limit=0", Err("limit must not be less than 1")),
            ("offset=-1", Err("offset must not be less than 0")),
            ("limit=many", Err("limit must be a number")),
        ];
        for (query, expected) in cases {
            let found = page(query)
                .map(|page| (page.offset, page.limit))
                .map_err(|problems| problems.join(", "));
            assert_eq!(found, expected.map_err(str::to_owned), "{query}");
        }
    }

    #[test]
    fn order_and_short_pages() {
        let records: Vec<_> = (0..7)
            .map(|n| DeliveryRecord::now("w", "SUCCESS", 200, &n.to_string()))
            .collect();
        let messages = |query: &str, order, cap| -> Vec<String> {
            let answer = answer(&records, query, order, cap);
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["meta"]["totalCount"], 7);
            body["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["message"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            messages("offset=1&limit=3", HistoryOrder::OldestFirst, None),
            ["1", "2", "3"]
        );
        assert_eq!(
            messages("offset=1&limit=3", HistoryOrder::NewestFirst, None),
            ["5", "4", "3"]
        );
        assert_eq!(
            messages("limit=5", HistoryOrder::OldestFirst, Some(2)),
            ["0", "1"]
        );
        assert!(messages("offset=9", HistoryOrder::OldestFirst, None).is_empty());
    }
}
