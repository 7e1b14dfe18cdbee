//! What the API takes and returns, as it is documented, parsed with tolerance: absent and null defaults, unknown fields
//! ignored, numbers with a fraction or an exponent, a status as word or number.
//!
//! Each response has a `decode_…` function from the body's bytes; they never panic and their errors quote no value that
//! could be a secret but what [`serde_json`] says of a type, so callers redact them.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use super::webhook_id::WebhookId;
use super::webhook_url;

/// Characters of what the API says of a delivery.
pub(super) const LONGEST_MESSAGE: usize = 2000;

/// The requested configuration of a webhook. `Debug` shows no secret.
#[derive(Clone)]
pub struct WebhookSpec {
    /// Where deliveries go, as configured.
    pub url: String,
    /// Whether the receiver's certificate is verified.
    pub verify_tls: bool,
    /// The key that deliveries are signed with. `None` sends none, and leaves alone what the API holds.
    pub signing_key: Option<SecretString>,
}

impl fmt::Debug for WebhookSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebhookSpec")
            .field("url", &webhook_url::redacted(&self.url))
            .field("verify_tls", &self.verify_tls)
            .field("signing_key", &self.signing_key)
            .finish()
    }
}

/// A webhook as the API holds it. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WebhookDocument")]
pub struct Webhook {
    /// Given by the API.
    pub id: WebhookId,
    /// Where deliveries go, as returned by the API.
    pub url: String,
    /// Whether the receiver's certificate is verified. Absent means true.
    pub verify_tls: bool,
    /// Whether a signing key is set; the key itself is never returned. Absent means false.
    pub signing_key_set: bool,
    /// Whether deliveries are suppressed. Absent means false.
    pub suppressed: bool,
}

/// A webhook in either form that the API has had: the published one, or an earlier one that wraps it in `recipient` and
/// calls the flag of the key `signingKeySet`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a webhook")]
struct WebhookDocument {
    id: Option<WebhookId>,
    url: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    verify_tls: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    signing_key: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    signing_key_set: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    suppressed: Option<bool>,
    recipient: Option<Value>,
}

impl TryFrom<WebhookDocument> for Webhook {
    type Error = serde_json::Error;

    fn try_from(document: WebhookDocument) -> Result<Webhook, serde_json::Error> {
        let document = match document.recipient {
            Some(inner @ Value::Object(_)) if document.url.is_none() => {
                serde_json::from_value(inner)?
            }
            _ => document,
        };
        Ok(Webhook {
            id: document.id.ok_or_else(|| missing("id"))?,
            url: document.url.ok_or_else(|| missing("url"))?,
            verify_tls: document.verify_tls.unwrap_or(true),
            signing_key_set: document
                .signing_key_set
                .or(document.signing_key)
                .unwrap_or(false),
            suppressed: document.suppressed.unwrap_or(false),
        })
    }
}

fn missing(field: &'static str) -> serde_json::Error {
    serde_json::Error::missing_field(field)
}

impl fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Webhook")
            .field("id", &self.id)
            .field("url", &webhook_url::redacted(&self.url))
            .field("verify_tls", &self.verify_tls)
            .field("signing_key_set", &self.signing_key_set)
            .field("suppressed", &self.suppressed)
            .finish()
    }
}

/// A way in which a webhook that the API returned differs from what was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A key was sent, and the API says that none is set.
    KeyDropped,
    /// `verifyTls` is not what was requested.
    VerifyTls,
    /// The url has another form, and names the same place.
    UrlNormalized,
    /// The url is another one.
    Url,
}

impl Webhook {
    /// How this webhook differs from what was requested. A key that was not sent is never missed.
    pub fn differences(&self, requested: &WebhookSpec) -> Vec<Difference> {
        let mut differences = Vec::new();
        if requested.signing_key.is_some() && !self.signing_key_set {
            differences.push(Difference::KeyDropped);
        }
        if requested.verify_tls != self.verify_tls {
            differences.push(Difference::VerifyTls);
        }
        if requested.url != self.url {
            differences.push(if webhook_url::equivalent(&requested.url, &self.url) {
                Difference::UrlNormalized
            } else {
                Difference::Url
            });
        }
        differences
    }
}

/// How a test delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// The API does not say; also the number 0.
    Unspecified,
    /// The receiver accepted it; also the number 1.
    Success,
    /// It was not accepted; also the number 2.
    Failed,
}

impl TestStatus {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            TestStatus::Unspecified => "UNSPECIFIED",
            TestStatus::Success => "SUCCESS",
            TestStatus::Failed => "FAILED",
        }
    }
}

impl<'de> Deserialize<'de> for TestStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => integer(number),
            Value::String(word) => match word.as_str() {
                "UNSPECIFIED" | "0" => Some(0),
                "SUCCESS" | "1" => Some(1),
                "FAILED" | "2" => Some(2),
                _ => None,
            },
            _ => None,
        };
        match number {
            Some(0) => Ok(TestStatus::Unspecified),
            Some(1) => Ok(TestStatus::Success),
            Some(2) => Ok(TestStatus::Failed),
            _ => Err(D::Error::custom(
                "the test's status is none of UNSPECIFIED, SUCCESS and FAILED",
            )),
        }
    }
}

/// The result of a test delivery. A failed delivery is a result, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// How it ended.
    pub status: TestStatus,
    /// The status that the receiver returned. `None` where no response came: the API's 0.
    #[serde(default, deserialize_with = "status_code")]
    pub http_status_code: Option<i64>,
    /// What went wrong, if the API says.
    #[serde(default)]
    pub error_message: Option<String>,
}

/// One delivery of a webhook's history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The webhook that it belongs to.
    pub webhook_id: String,
    /// A uuid of its own.
    pub delivery_id: String,
    /// The API's word for how it ended.
    pub status: String,
    /// The status that the receiver returned. `None` where no response came: the API's 0.
    #[serde(default, deserialize_with = "status_code")]
    pub http_status_code: Option<i64>,
    /// When, as returned by the API (ISO 8601).
    pub created_at: String,
    /// What the API says about it.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub message: String,
}

/// One page of a webhook's history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// The deliveries of this page.
    pub data: Vec<Delivery>,
    /// What the page says of the whole.
    #[serde(default)]
    pub meta: Option<HistoryMeta>,
}

/// What a page of a history says of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryMeta {
    /// How many deliveries there are in all.
    #[serde(default, deserialize_with = "optional_whole_number")]
    pub total_count: Option<i64>,
}

/// The user whose token is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// The id of the user's tenant.
    pub tenant_id: String,
    /// The segment of the tenant, if the API says.
    pub segment: Option<String>,
    /// The global permissions, such as `APPLICATION_ADMIN`.
    pub permissions: Vec<String>,
    /// When the token expires, if the API says.
    pub token_expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserDocument {
    username: String,
    display_name: String,
    #[serde(default)]
    expiration: Option<Number>,
    tenant_info: TenantInfo,
    #[serde(default)]
    global_permissions: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TenantInfo {
    id: String,
    #[serde(default)]
    global_segment: Option<String>,
}

/// Parses the response to create, get and update.
pub fn decode_webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    decode(body)
}

/// Parses the response to list.
pub fn decode_webhooks(body: &[u8]) -> Result<Vec<Webhook>, serde_json::Error> {
    decode(body)
}

/// Parses the response to both kinds of test.
pub fn decode_test_result(body: &[u8]) -> Result<TestResult, serde_json::Error> {
    decode(body)
}

/// Parses one page of a history.
pub fn decode_history_page(body: &[u8]) -> Result<HistoryPage, serde_json::Error> {
    decode(body)
}

/// Parses the response to the request for the current user.
pub fn decode_user(body: &[u8]) -> Result<User, serde_json::Error> {
    let user: UserDocument = decode(body)?;
    Ok(User {
        username: user.username,
        display_name: user.display_name,
        tenant_id: user.tenant_info.id,
        segment: user.tenant_info.global_segment,
        permissions: user.global_permissions.unwrap_or_default(),
        token_expires_at: user.expiration.as_ref().and_then(expiration),
    })
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}

/// The API's number is taken for seconds since 1970 or, from 10^11 on, milliseconds: as seconds that would be the year
/// 5138.
fn expiration(number: &Number) -> Option<Timestamp> {
    let number = integer(number)?;
    if number >= 100_000_000_000 {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// A boolean or null. The error does not quote the value: an API that returned the key itself would leak it.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        _ => Err(D::Error::custom(
            "a field that should be true or false is neither",
        )),
    }
}

fn text_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn status_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(optional_whole_number(deserializer)?.filter(|code| *code != 0))
}

fn optional_whole_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Number(number) => integer(&number)
            .map(Some)
            .ok_or_else(|| D::Error::custom("a number is too large")),
        _ => Err(D::Error::custom("a field that should be a number is none")),
    }
}

/// The number without its fraction; `None` where it does not fit.
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64()?.trunc();
        // Both bounds are exact powers of two, so that the cast is exact.
        #[allow(clippy::cast_possible_truncation)]
        (-(2_f64.powi(63)) <= number && number < 2_f64.powi(63)).then_some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn webhook(body: &str) -> Result<Webhook, String> {
        decode_webhook(body.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_and_null_fields_have_their_defaults() {
        for body in [
            r#"{"id":"a","url":"https://h.example"}"#,
            r#"{"id":"a","url":"https://h.example","verifyTls":null,"signingKey":null,"suppressed":null}"#,
            r#"{"id":"a","url":"https://h.example","createdAt":"2025","nested":{"id":5}}"#,
        ] {
            let webhook = webhook(body).unwrap();
            assert_eq!(
                (webhook.id.as_str(), webhook.url.as_str()),
                ("a", "https://h.example")
            );
            assert!(
                webhook.verify_tls && !webhook.signing_key_set && !webhook.suppressed,
                "{body}"
            );
        }
        let other = r#"{"id":"a","url":"u","verifyTls":false,"signingKey":true,"suppressed":true}"#;
        let other = webhook(other).unwrap();
        assert!(!other.verify_tls && other.signing_key_set && other.suppressed);
    }

    #[test]
    fn the_earlier_form_is_read_too() {
        let published = r#"{"id":"a","url":"u","verifyTls":false,"signingKey":true}"#;
        let expected = webhook(published).unwrap();
        assert!(expected.signing_key_set && !expected.verify_tls);
        let forms = [
            r#"{"recipient":{"id":"a","url":"u","verifyTls":false,"signingKeySet":true}}"#,
            r#"{"recipient":{"id":"a","url":"u","verifyTls":false,"signingKey":true}}"#,
            r#"{"id":"a","url":"u","verifyTls":false,"signingKeySet":true}"#,
            r#"{"id":"a","url":"u","verifyTls":false,"signingKeySet":true,"signingKey":true}"#,
            r#"{"recipient":"ops","id":"a","url":"u","verifyTls":false,"signingKey":true}"#,
            published,
        ];
        for body in forms {
            assert_eq!(webhook(body).as_ref(), Ok(&expected), "{body}");
        }
        let list = decode_webhooks(format!("[{}]", forms.join(",")).as_bytes()).unwrap();
        assert_eq!(list, vec![expected; forms.len()]);
        let unset = webhook(r#"{"recipient":{"id":"a","url":"u","signingKeySet":null}}"#).unwrap();
        assert!(!unset.signing_key_set && unset.verify_tls);
    }

    #[test]
    fn what_is_no_webhook() {
        for body in [
            r#"{"recipient":null}"#,
            r#"{"recipient":"hunter2"}"#,
            r#"{"recipient":{"url":"u"}}"#,
            r#"{"recipient":{"id":"a","url":"u","signingKeySet":"hunter2"}}"#,
            r#"{"recipient":{"recipient":{"id":"a","url":"u"}}}"#,
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":"a"}"#,
            r#"{"url":"u"}"#,
            r#"{"id":5,"url":"u"}"#,
            r#"{"id":"a","url":"u","verifyTls":"hunter2"}"#,
            r#"{"id":"a","url":"u","signingKey":"hunter2"}"#,
            r#"{"id":"a","url":"u"} {"#,
        ] {
            let error = webhook(body).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn test_results() {
        for (status, word) in [
            (r#""UNSPECIFIED""#, "UNSPECIFIED"),
            (r#""SUCCESS""#, "SUCCESS"),
            (r#""FAILED""#, "FAILED"),
            ("0", "UNSPECIFIED"),
            ("1", "SUCCESS"),
            ("1.0", "SUCCESS"),
            ("2e0", "FAILED"),
            (r#""2""#, "FAILED"),
        ] {
            for (code, number) in [
                ("200", Some(200)),
                ("200.0", Some(200)),
                ("2e2", Some(200)),
                ("9e9", Some(9_000_000_000)),
                ("-1", Some(-1)),
                ("0", None),
                ("0.0", None),
                ("null", None),
            ] {
                let body =
                    format!(r#"{{"status":{status},"httpStatusCode":{code},"errorMessage":null}}"#);
                let result = decode_test_result(body.as_bytes()).unwrap();
                assert_eq!(result.status.as_str(), word, "{body}");
                assert_eq!(result.http_status_code, number, "{body}");
                assert_eq!(result.error_message, None);
            }
        }
        for body in [
            r#"{"status":"PENDING","httpStatusCode":200}"#,
            r#"{"status":3,"httpStatusCode":200}"#,
            r#"{"status":true,"httpStatusCode":200}"#,
            r#"{"httpStatusCode":200}"#,
            r#"{"status":1,"httpStatusCode":"200"}"#,
            r#"{"status":1,"httpStatusCode":1e300}"#,
        ] {
            assert!(decode_test_result(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn users() {
        let full = r#"{"displayName":"Ada L.","username":"ada","expiration":1736426096,"globalUserId":"g","trackingId":"t",
            "tenantInfo":{"id":"t1","globalSegment":"na"},"globalPermissions":["APPLICATION_ADMIN"],"email":null}"#;
        let user = decode_user(full.as_bytes()).unwrap();
        assert_eq!(user.segment.as_deref(), Some("na"));
        assert_eq!(user.permissions, ["APPLICATION_ADMIN"]);
        assert_eq!(
            user.token_expires_at.unwrap().to_string(),
            "2025-01-09T12:34:56Z"
        );
        for (number, time) in [
            ("1736426096000", Some("2025-01-09T12:34:56Z")),
            ("1.736426096e9", Some("2025-01-09T12:34:56Z")),
            ("1736426096.9", Some("2025-01-09T12:34:56Z")),
            ("99999999999", Some("5138-11-16T09:46:39Z")),
            ("100000000000", Some("1973-03-03T09:46:40Z")),
            ("1e300", None),
            ("9000000000000000000", None),
            ("null", None),
        ] {
            let body = full.replace("1736426096", number);
            let user = decode_user(body.as_bytes()).unwrap();
            assert_eq!(
                user.token_expires_at
                    .map(|time| time.to_string())
                    .as_deref(),
                time,
                "{number}"
            );
        }
        let least = r#"{"displayName":"","username":"ada","tenantInfo":{"id":"t1"}}"#;
        let user = decode_user(least.as_bytes()).unwrap();
        assert_eq!(
            (user.segment, user.permissions.len(), user.token_expires_at),
            (None, 0, None)
        );
    }

    #[test]
    fn history_pages() {
        let body = r#"{"data":[{"webhookId":"w","deliveryId":"d","status":"SUCCESS","httpStatusCode":2.0e2,
            "createdAt":"2025-01-09T12:34:56.000Z","message":"ok"}],"meta":{"totalCount":1.0,"pageCount":1}}"#;
        let page = decode_history_page(body.as_bytes()).unwrap();
        assert_eq!(page.data[0].http_status_code, Some(200));
        assert_eq!(page.meta.unwrap().total_count, Some(1));
        assert_eq!(decode_history_page(br#"{"data":[]}"#).unwrap().meta, None);
    }

    #[test]
    fn differences_between_asked_and_answered() {
        let asked = |url: &str, key: Option<&str>| WebhookSpec {
            url: url.to_owned(),
            verify_tls: true,
            signing_key: key.map(SecretString::from),
        };
        let answered =
            webhook(r#"{"id":"a","url":"https://h.example/","signingKey":false}"#).unwrap();
        assert_eq!(answered.differences(&asked("https://h.example/", None)), []);
        assert_eq!(
            answered.differences(&asked("https://h.example", None)),
            [Difference::UrlNormalized]
        );
        assert_eq!(
            answered.differences(&asked("https://x.example", Some("k"))),
            [Difference::KeyDropped, Difference::Url]
        );
        let reset = Webhook {
            verify_tls: false,
            signing_key_set: true,
            ..answered
        };
        assert_eq!(
            reset.differences(&asked("https://h.example/", None)),
            [Difference::VerifyTls]
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let spec = WebhookSpec {
            url: "https://h.example".to_owned(),
            verify_tls: true,
            signing_key: Some("hunter2".into()),
        };
        assert!(!format!("{spec:?}").contains("hunter2"));
        let webhook =
            webhook(r#"{"id":"a","url":"https://u:hunter2@h.example/?k=hunter2"}"#).unwrap();
        assert!(!format!("{webhook:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body in any::<Vec<u8>>()) {
            let _ = (
                decode_webhook(&body).is_ok(),
                decode_webhooks(&body).is_ok(),
                decode_test_result(&body).is_ok(),
                decode_history_page(&body).is_ok(),
                decode_user(&body).is_ok(),
            );
        }
    }
}
