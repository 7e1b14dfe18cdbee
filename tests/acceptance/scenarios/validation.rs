//! Bad input: found by `validate`, with a message that names the attribute and what it may be.

use terraform_cli::{Diagnostic, Needs, Workspace, direct_invocation};

scenarios! {
    Needs::ANY => [
        bad_provider_settings,
        bad_webhook_urls,
        a_null_url_and_a_read_only_id,
        good_webhook_urls,
        an_empty_signing_key,
        user_info_in_a_url_is_warned_about,
        bad_delivery_tests,
        every_attribute_is_described,
        run_directly,
    ],
}

/// The one error among the diagnostics; it must point at a line that has `attribute` in it.
fn one_error<'a>(found: &'a [Diagnostic], attribute: &str, what: &str) -> &'a Diagnostic {
    let errors: Vec<_> = found
        .iter()
        .filter(|found| found.severity == "error")
        .collect();
    let [error] = errors.as_slice() else {
        panic!("{what}: one error was to be found, not {found:?}")
    };
    assert!(
        error.code.contains(attribute),
        "{what}: the error does not point at {attribute}: {error:?}"
    );
    assert!(
        !error.summary.is_empty() && !error.summary.ends_with('.'),
        "{what}: {error:?}"
    );
    assert!(!error.detail.is_empty(), "{what}: {error:?}");
    error
}

fn bad_provider_settings(w: &Workspace) {
    const WEBHOOK: &str =
        "resource \"immuta_webhook\" \"a\" {\n  url = \"https://hooks.example.com/immuta\"\n}\n";
    let cases = [
        ("segment", "segment = \"us\""),
        ("segment", "segment = \"\""),
        ("endpoint", "endpoint = \"hooks.example.com\""),
        (
            "endpoint",
            "endpoint = \"ftp://api.example.com/marketplace\"",
        ),
        (
            "endpoint",
            "endpoint = \"http://api.example.com/marketplace\"",
        ),
        (
            "endpoint",
            "segment = \"na\"\n  endpoint = \"https://api.example.com/marketplace\"",
        ),
        ("token", "token = \"\""),
        ("request_timeout", "request_timeout = \"soon\""),
        ("request_timeout", "request_timeout = \"30\""),
        ("request_timeout", "request_timeout = \"0s\""),
        ("request_timeout", "request_timeout = \"-1s\""),
        ("ca_cert_pem", "ca_cert_pem = \"no certificate\""),
    ];
    w.unset("IMMUTA_ENDPOINT");
    for (attribute, settings) in cases {
        w.config(&format!(
            "provider \"immuta\" {{\n  {settings}\n}}\n{WEBHOOK}"
        ));
        let found = w.validated();
        let error = one_error(
            &found,
            if settings.contains('\n') {
                ""
            } else {
                attribute
            },
            settings,
        );
        let text = format!("{} {}", error.summary, error.detail);
        assert!(text.contains(attribute), "{settings}: {text}");
    }
    // The same from the environment is found when the provider is configured.
    w.config(WEBHOOK);
    for (name, value) in [
        ("IMMUTA_SEGMENT", "us"),
        ("IMMUTA_REQUEST_TIMEOUT", "soon"),
        ("IMMUTA_CA_CERT_PEM", "no certificate"),
        ("IMMUTA_CA_CERT_FILE", "/no/such/file.pem"),
        ("https_proxy", "http://user:p^ssword@proxy.example.com:3128"),
        ("ALL_PROXY", "proxy://proxy.example.com:3128"),
    ] {
        if name != "IMMUTA_SEGMENT" {
            w.set("IMMUTA_SEGMENT", "na");
        }
        w.set(name, value);
        let text = w.plan_fails();
        assert!(text.contains(name), "{text}");
        w.unset(name);
    }
    assert_eq!(w.api.requests().len(), 0);
}

fn bad_webhook_urls(w: &Workspace) {
    let cases = [
        "",
        "hooks.example.com",
        "/immuta",
        "//hooks.example.com",
        "ftp://hooks.example.com",
        "https://",
        "https:///immuta",
        "https://hooks.example.com#fragment",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com/a b",
        " https://hooks.example.com",
        "https://hooks.example.com/\\u0007",
        "https://hooks example.com",
        "https://hooks.example.com\\n",
    ];
    for url in cases {
        w.webhook(&format!("url = \"{url}\""));
        let found = w.validated();
        let error = one_error(&found, "url", url);
        assert!(
            format!("{} {}", error.summary, error.detail)
                .to_lowercase()
                .contains("url"),
            "{error:?}"
        );
    }
    w.webhook("verify_tls = true");
    assert!(w.fails(&["validate", "-no-color"]).contains("url"));
}

/// Core checks only that a required argument is written, and lets a value for a read-only attribute pass.
fn a_null_url_and_a_read_only_id(w: &Workspace) {
    w.webhook("url = null");
    let found = w.validated();
    let error = one_error(&found, "url", "null");
    assert_eq!(error.summary, "Missing required argument");
    w.webhook("id  = \"mine\"\n  url = \"https://hooks.example.com\"");
    let found = w.validated();
    let error = one_error(&found, "id", "id");
    assert_eq!(error.summary, "Read-only attribute");

    // Null is known in the plan only, where the webhook would be destroyed otherwise.
    let with = "variable \"url\" {\n  type    = string\n  default = null\n}\n";
    w.webhook("url = \"https://hooks.example.com\"");
    w.apply();
    w.config(&format!(
        "{with}resource \"immuta_webhook\" \"a\" {{\n  url = var.url\n}}\n"
    ));
    w.ok(&["validate", "-no-color"]);
    let text = w.plan_fails();
    assert!(
        text.contains("url is required, and its value is null"),
        "{text}"
    );
    assert_eq!(w.api.count(), 1);
}

fn good_webhook_urls(w: &Workspace) {
    let cases = [
        "https://hooks.example.com",
        "http://hooks.example.com:8080/immuta?a=b&c=%20",
        "HTTPS://HOOKS.EXAMPLE.COM/",
        "https://[2001:db8::1]:8443/x",
        "https://192.0.2.7/",
        "https://bücher.example/päckchen",
        "https://例え.テスト/フック",
        "https://hooks.example.com:65535",
    ];
    let webhooks = cases.iter().enumerate().map(|(n, url)| {
        format!("resource \"immuta_webhook\" \"w{n}\" {{\n  url = \"{url}\"\n}}\n")
    });
    w.config(&webhooks.collect::<String>());
    assert!(
        w.validated().iter().all(|found| found.severity != "error"),
        "{:?}",
        w.validated()
    );
    w.apply();
    for (n, url) in cases.iter().enumerate() {
        assert_eq!(
            w.values(&format!("immuta_webhook.w{n}"))["url"],
            *url,
            "the configured form is kept"
        );
    }
    w.no_changes();
}

fn an_empty_signing_key(w: &Workspace) {
    w.webhook("url = \"https://hooks.example.com/immuta\"\nsigning_key = \"\"");
    let found = w.validated();
    let error = one_error(&found, "signing_key", "an empty key");
    assert!(
        error.detail.contains("null"),
        "what to write instead: {error:?}"
    );
}

fn user_info_in_a_url_is_warned_about(w: &Workspace) {
    w.guard("pa55-of-a-test");
    w.set(
        "TF_VAR_url",
        "https://user:pa55-of-a-test@hooks.example.com/immuta",
    );
    w.config("variable \"url\" {\n  type      = string\n  sensitive = true\n}\nresource \"immuta_webhook\" \"a\" {\n  url = var.url\n}\n");
    let found = w.planned();
    let warning = found
        .iter()
        .find(|found| found.severity == "warning" && found.code.contains("url"));
    assert!(warning.is_some(), "{found:?}");
    assert!(
        found.iter().all(|found| found.severity != "error"),
        "{found:?}"
    );
}

fn bad_delivery_tests(w: &Workspace) {
    let cases = [
        ("", ""),
        (
            "webhook_id",
            "url = \"https://hooks.example.com\"\n  webhook_id = \"0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10\"",
        ),
        (
            "verify_tls",
            "webhook_id = \"0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10\"\n  verify_tls = true",
        ),
        (
            "signing_key",
            "webhook_id = \"0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10\"\n  signing_key = \"of a test\"",
        ),
        ("url", "url = \"hooks.example.com\""),
        (
            "signing_key",
            "url = \"https://hooks.example.com\"\n  signing_key = \"\"",
        ),
        ("webhook_id", "webhook_id = \"\""),
    ];
    for (attribute, arguments) in cases {
        w.config(&format!(
            "data \"immuta_webhook_test\" \"a\" {{\n  {arguments}\n}}\n"
        ));
        let found = w.validated();
        let error = one_error(&found, "", arguments);
        assert!(
            format!("{} {} {}", error.summary, error.detail, error.code).contains(attribute),
            "{arguments}: {error:?}"
        );
    }
    assert_eq!(w.api.requests().len(), 0, "nothing is delivered");
}

fn every_attribute_is_described(w: &Workspace) {
    w.config("provider \"immuta\" {}\n");
    let json = w.ok(&["providers", "schema", "-json"]).stdout;
    let schemas: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let provider = schemas["provider_schemas"]
        .as_object()
        .and_then(|all| all.values().next())
        .expect("the provider has schemas");
    let mut seen = Vec::new();
    let mut blocks = vec![("provider".to_owned(), &provider["provider"]["block"])];
    for kind in [
        "resource_schemas",
        "data_source_schemas",
        "ephemeral_resource_schemas",
        "list_resource_schemas",
        "action_schemas",
    ] {
        for (name, schema) in provider[kind].as_object().into_iter().flatten() {
            assert_described(&schema["block"], name);
            blocks.push((format!("{kind} {name}"), &schema["block"]));
        }
    }
    for (place, block) in blocks {
        for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
            assert_described(attribute, &format!("{place} {name}"));
            seen.push(format!("{place} {name}"));
            for (inner, attribute) in attribute["nested_type"]["attributes"]
                .as_object()
                .into_iter()
                .flatten()
            {
                assert_described(attribute, &format!("{place} {name} {inner}"));
            }
        }
    }
    for expected in [
        "provider segment",
        "provider endpoint",
        "provider token",
        "provider request_timeout",
        "provider ca_cert_pem",
        "provider insecure_skip_tls_verify",
        "resource_schemas immuta_webhook url",
        "resource_schemas immuta_webhook suppressed",
        "data_source_schemas immuta_webhook_test success",
    ] {
        assert!(
            seen.iter().any(|seen| seen == expected),
            "{expected} is not in {seen:?}"
        );
    }
    for sensitive in [
        &provider["provider"]["block"]["attributes"]["token"],
        &provider["resource_schemas"]["immuta_webhook"]["block"]["attributes"]["signing_key"],
    ] {
        assert_eq!(sensitive["sensitive"], true, "{sensitive}");
    }
}

fn assert_described(thing: &serde_json::Value, what: &str) {
    let description = thing["description"].as_str().unwrap_or_default();
    assert!(description.len() > 10, "{what} is not described: {thing}");
    assert_eq!(thing["description_kind"], "markdown", "{what}");
}

fn run_directly(_: &Workspace) {
    let outcome = direct_invocation(&[]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.text.contains("terraform-provider-immuta") && outcome.text.contains("Terraform"),
        "{}",
        outcome.text
    );
    assert!(
        outcome.text.contains("required_providers") || outcome.text.contains("dev_overrides"),
        "how to install it:\n{}",
        outcome.text
    );
    let version = direct_invocation(&["--version"]);
    assert_eq!(version.code, 0);
    assert!(
        version.stdout.contains(env!("CARGO_PKG_VERSION")),
        "{}",
        version.stdout
    );
    let help = direct_invocation(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("--debug"), "{}", help.stdout);
    let unknown = direct_invocation(&["--no-such-flag"]);
    assert_ne!(unknown.code, 0);
    assert!(unknown.text.contains("--no-such-flag"), "{}", unknown.text);
}
