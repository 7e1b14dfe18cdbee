//! Calls the admin routes of a simulator that serves, so that a demo needs no other HTTP client.

use std::error::Error;
use std::fs;
use std::io::{self, Write};

use immuta_simulator::ADMIN_PATH;
use serde_json::Value;

use crate::cli::{Print, RemoteCall};

/// Makes the call and prints what is asked for.
pub(crate) fn run(call: &RemoteCall) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (status, text) = runtime.block_on(send(call))?;
    let answer: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if !(200..300).contains(&status) {
        let message = answer.get("message").and_then(Value::as_str);
        let message = message.unwrap_or(if text.is_empty() {
            "no reason given"
        } else {
            &text
        });
        return Err(format!("the simulator answered {status}: {message}").into());
    }
    let printed = match call.print {
        Print::Nothing => String::new(),
        Print::Id => match answer.get("id") {
            Some(Value::String(id)) => format!("{id}\n"),
            Some(id) => format!("{id}\n"),
            None => return Err("the simulator gave no id".into()),
        },
        Print::Lines => answer
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| line(&call.path, item) + "\n")
            .collect(),
        Print::Json => format!("{answer:#}\n"),
    };
    io::stdout().write_all(printed.as_bytes())?;
    Ok(())
}

async fn send(call: &RemoteCall) -> Result<(u16, String), Box<dyn Error>> {
    let mut client = reqwest::Client::builder().no_proxy();
    if let Some(file) = &call.ca_file {
        client = client.tls_certs_only(reqwest::Certificate::from_pem_bundle(&fs::read(file)?)?);
    }
    let url = reqwest::Url::parse(&call.base)?
        .join(ADMIN_PATH)?
        .join(&call.path)?;
    let method = reqwest::Method::from_bytes(call.method.as_bytes())?;
    let mut request = client.build()?.request(method, url);
    if let Some(body) = &call.body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

/// One webhook, request or delivery on a line.
fn line(what: &str, item: &Value) -> String {
    let text = |name: &str| match item.get(name) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match what {
        "webhooks" => format!(
            "{} {} verifyTls={} signingKey={} suppressed={}",
            text("id"),
            text("url"),
            text("verifyTls"),
            text("signingKey"),
            text("suppressed"),
        ),
        "requests" => format!("{} {} {}", text("status"), text("method"), text("path")),
        _ => {
            let verdict = match item.get("verified") {
                Some(Value::Bool(true)) => "verified",
                Some(Value::Bool(false)) => "unverified",
                _ => "received",
            };
            format!("{verdict} {}", text("target"))
        }
    }
}
