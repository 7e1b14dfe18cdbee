//! What the API takes and gives, as it is documented, read with tolerance: absent and null defaults, unknown fields
//! ignored, numbers with a fraction or an exponent, a status as word or number.
//!
//! Each answer has a `decode_…` function from the body's bytes; they never panic and their errors quote no value that
//! could be a secret but what [`serde_json`] says of a type, so callers scrub them.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// What a webhook shall be.
#[derive(Clone, Debug)]
pub struct WebhookSpec {
    /// Where deliveries go, as the user spelt it.
    pub url: String,
    /// Whether the receiver's certificate is verified.
    pub verify_tls: bool,
    /// The key that deliveries are signed with. `None` sends none, and leaves alone what the API holds.
    pub signing_key: Option<SecretString>,
}

/// A webhook as the API holds it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// A uuid, given by the API.
    pub id: String,
    /// Where deliveries go, as the API spells it.
    pub url: String,
    /// Whether the receiver's certificate is verified. Absent means true.
    #[serde(default = "yes", deserialize_with = "flag_or_true")]
    pub verify_tls: bool,
    /// Whether a signing key is set; the key itself is never given. Absent means false.
    #[serde(default, rename = "signingKey", deserialize_with = "flag_or_false")]
    pub signing_key_set: bool,
    /// Whether deliveries are being held back. Absent means false.
    #[serde(default, deserialize_with = "flag_or_false")]
    pub suppressed: bool,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Webhook")
            .field("id", &self.id)
            .field("url", &super::webhook_url::redacted(&self.url))
            .field("verify_tls", &self.verify_tls)
            .field("signing_key_set", &self.signing_key_set)
            .field("suppressed", &self.suppressed)
            .finish()
    }
}

/// A way in which a webhook that the API answered with differs from what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A key was sent, and the API says that none is set.
    KeyDropped,
    /// `verifyTls` is not what was asked.
    VerifyTls,
    /// The url is spelt differently, and names the same place.
    UrlRespelt,
    /// The url is another one.
    Url,
}

impl Webhook {
    /// How this webhook differs from what was asked. A key that was not sent is never missed.
    pub fn differences(&self, asked: &WebhookSpec) -> Vec<Difference> {
        let mut differences = Vec::new();
        if asked.signing_key.is_some() && !self.signing_key_set {
            differences.push(Difference::KeyDropped);
        }
        if asked.verify_tls != self.verify_tls {
            differences.push(Difference::VerifyTls);
        }
        if asked.url != self.url {
            differences.push(if super::webhook_url::equivalent(&asked.url, &self.url) {
                Difference::UrlRespelt
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
    /// The receiver took it; also the number 1.
    Success,
    /// It was not taken; also the number 2.
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
    /// What the receiver answered.
    #[serde(deserialize_with = "whole_number")]
    pub http_status_code: i64,
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
    /// What the receiver answered.
    #[serde(deserialize_with = "whole_number")]
    pub http_status_code: i64,
    /// When, as the API spells it (ISO 8601).
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
struct UserAnswer {
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

/// Reads the answer to create, get and update.
pub fn decode_webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    decode(body)
}

/// Reads the answer to list.
pub fn decode_webhooks(body: &[u8]) -> Result<Vec<Webhook>, serde_json::Error> {
    decode(body)
}

/// Reads the answer to both kinds of test.
pub fn decode_test_result(body: &[u8]) -> Result<TestResult, serde_json::Error> {
    decode(body)
}

/// Reads one page of a history.
pub fn decode_history_page(body: &[u8]) -> Result<HistoryPage, serde_json::Error> {
    decode(body)
}

/// Reads the answer to the question who the token's user is.
pub fn decode_user(body: &[u8]) -> Result<User, serde_json::Error> {
    let user: UserAnswer = decode(body)?;
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

fn yes() -> bool {
    true
}

fn flag_or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    flag(deserializer).map(|flag| flag.unwrap_or(true))
}

fn flag_or_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    flag(deserializer).map(|flag| flag.unwrap_or(false))
}

/// A boolean or null. The error does not quote the value: an API that answered with the key itself would leak it.
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

fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_whole_number(deserializer)?
        .ok_or_else(|| D::Error::custom("a field that should be a number is null"))
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
