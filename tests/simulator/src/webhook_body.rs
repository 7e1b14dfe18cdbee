//! The bodies of create, update and test: read and validated.

use serde_json::{Map, Value};

/// What a body says of a webhook; `None` where it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WebhookBody {
    pub(crate) url: Option<String>,
    pub(crate) verify_tls: Option<bool>,
    pub(crate) signing_key: Option<String>,
}

/// Reads a body. `Err` holds one message for each problem, in the words of NestJS's validation; no message quotes a
/// value. Fields that the API does not know are let pass.
pub(crate) fn read(body: &[u8], url_required: bool) -> Result<WebhookBody, Vec<String>> {
    let mut fields: Map<String, Value> = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(vec!["Request body must be an object".to_owned()]),
        Err(_) if body.is_empty() => Map::new(),
        Err(_) => return Err(vec!["Request body is not valid JSON".to_owned()]),
    };
    let mut problems: Vec<&str> = Vec::new();
    let mut read = WebhookBody::default();
    match fields.remove("url") {
        Some(Value::String(url)) if is_url(&url) => read.url = Some(url),
        Some(Value::String(_)) => problems.push("url must be a URL address"),
        Some(_) => problems.extend(["url must be a string", "url must be a URL address"]),
        None if url_required => problems.extend([
            "url should not be empty",
            "url must be a string",
            "url must be a URL address",
        ]),
        None => {}
    }
    match fields.remove("verifyTls") {
        Some(Value::Bool(verify_tls)) => read.verify_tls = Some(verify_tls),
        Some(_) => problems.push("verifyTls must be a boolean value"),
        None => {}
    }
    match fields.remove("signingKey") {
        Some(Value::String(key)) if key.is_empty() => {
            problems.push("signingKey should not be empty");
        }
        Some(Value::String(key)) => read.signing_key = Some(key),
        Some(_) => problems.push("signingKey must be a string"),
        None => {}
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems.into_iter().map(str::to_owned).collect())
    }
}

fn is_url(text: &str) -> bool {
    reqwest::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_validated() {
        let problems = |body: &str, required| read(body.as_bytes(), required).unwrap_err();
        assert_eq!(problems("{}", true).len(), 3);
        assert_eq!(problems("", true).len(), 3);
        assert_eq!(problems("[]", false), ["Request body must be an object"]);
        assert_eq!(problems("{", false), ["Request body is not valid JSON"]);
        assert_eq!(
            problems(
                r#"{"url":"ftp://h","verifyTls":"yes","signingKey":""}"#,
                false
            ),
            [
                "url must be a URL address",
                "verifyTls must be a boolean value",
                "signingKey should not be empty"
            ]
        );
        assert_eq!(
            problems(r#"{"url":null,"signingKey":null}"#, false),
            [
                "url must be a string",
                "url must be a URL address",
                "signingKey must be a string"
            ]
        );
        assert_eq!(read(b"{}", false), Ok(WebhookBody::default()));
        let whole = read(
            r#"{"url":"https://bücher.example/ü","verifyTls":false,"signingKey":"k","x":1}"#
                .as_bytes(),
            true,
        );
        let expected = WebhookBody {
            url: Some("https://bücher.example/ü".into()),
            verify_tls: Some(false),
            signing_key: Some("k".into()),
        };
        assert_eq!(whole, Ok(expected));
    }
}
