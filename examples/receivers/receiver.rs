//! SIGNING_KEY=… cargo run, with axum, aws-lc-rs, hex and tokio (features macros, net, rt)
use std::{env, io};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};

fn verified(key: &hmac::Key, body: &[u8], headers: &HeaderMap) -> bool {
    headers
        .get("x-immuta-webhook-signature-sha256")
        .and_then(|signature| hex::decode(signature).ok())
        .is_some_and(|signature| hmac::verify(key, body, &signature).is_ok())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let key = env::var("SIGNING_KEY").map_err(io::Error::other)?;
    if key.is_empty() {
        return Err(io::Error::other("SIGNING_KEY is empty"));
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());

    let receive = move |headers: HeaderMap, body: Bytes| async move {
        match verified(&key, &body, &headers) {
            // Parse the body only here, and only these bytes.
            true => StatusCode::NO_CONTENT,
            false => StatusCode::UNAUTHORIZED,
        }
    };
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on port {}", listener.local_addr()?.port());
    axum::serve(listener, Router::new().fallback(post(receive))).await
}
