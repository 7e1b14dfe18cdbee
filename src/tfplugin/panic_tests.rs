use super::*;

#[tokio::test]
async fn a_panic_becomes_a_diagnostic_without_its_payload() {
    let diagnostic = catch_panic("ReadResource", async { panic!("s3cret") })
        .await
        .map(|(): ()| ())
        .unwrap_err();
    assert!(diagnostic.is_error());
    assert!(diagnostic.detail.contains("ReadResource panicked"));
    assert!(!diagnostic.detail.contains("s3cret"));
}

#[tokio::test]
async fn a_result_passes_through() {
    assert_eq!(catch_panic("ReadResource", async { 7 }).await, Ok(7));
}
