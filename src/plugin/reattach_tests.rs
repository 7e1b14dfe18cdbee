use super::*;

#[test]
fn the_value_has_an_entry_for_each_cli() {
    let address = Address {
        network: "unix",
        address: "/tmp/plugin-x/socket".into(),
    };
    let value: serde_json::Value =
        serde_json::from_str(&value("acme/example", &address, 42)).unwrap();
    let entry = serde_json::json!({
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": 42,
        "Test": true,
        "Addr": { "Network": "unix", "String": "/tmp/plugin-x/socket" },
    });
    assert_eq!(
        value,
        serde_json::json!({
            "registry.terraform.io/acme/example": entry,
            "registry.opentofu.org/acme/example": entry,
        })
    );
}

#[test]
fn the_instructions_survive_a_quote_in_the_path() {
    assert!(instructions(r#"{"a":"it's"}"#).contains(r#"TF_REATTACH_PROVIDERS='{"a":"it'\''s"}'"#));
}
