//! `provider::immuta::endpoint` and `provider::immuta::signature`: without any request.

use terraform_cli::Workspace;

use super::FUNCTIONS;

scenarios! {
    FUNCTIONS => [functions_give_their_values, functions_point_at_a_bad_argument],
}

fn functions_give_their_values(w: &Workspace) {
    // The second case of RFC 4231 is the known answer.
    w.config(
        r#"
output "endpoint" {
  value = provider::immuta::endpoint("eu")
}

output "signature" {
  value = provider::immuta::signature("what do ya want for nothing?", "Jefe")
}
"#,
    );
    w.apply();
    let outputs = w.ok(&["output", "-json"]).stdout;
    assert!(
        outputs.contains("https://eu.api.immutacloud.com/marketplace"),
        "{outputs}"
    );
    assert!(
        outputs.contains("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        "{outputs}"
    );
    assert_eq!(w.api.requests().len(), 0);
}

fn functions_point_at_a_bad_argument(w: &Workspace) {
    for (call, parameter) in [
        ("endpoint(\"us\")", "segment"),
        ("signature(\"body\", \"\")", "key"),
    ] {
        w.config(&format!(
            "output \"x\" {{\n  value = provider::immuta::{call}\n}}\n"
        ));
        let text = w.plan_fails();
        assert!(
            text.contains(&format!("\"{parameter}\" parameter")),
            "{text}"
        );
    }
}
