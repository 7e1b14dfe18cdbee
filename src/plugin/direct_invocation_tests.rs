use super::*;

#[test]
fn platforms_have_the_names_that_the_clis_give_them() {
    assert_eq!(platform("linux", "x86_64"), "linux_amd64");
    assert_eq!(platform("macos", "aarch64"), "darwin_arm64");
    assert_eq!(platform("windows", "x86"), "windows_386");
    assert_eq!(platform("linux", "arm"), "linux_arm");
}

#[test]
fn the_explanation_can_be_copied() {
    let metadata = ProviderMetadata {
        name: "terraform-provider-example",
        version: "1.2.3",
        address: "acme/example",
        purpose: "Examples, declared",
    };
    let text = explanation(&metadata, Path::new("/opt/bin/terraform-provider-example"));
    for part in [
        "Examples, declared",
        r#""acme/example" = "/opt/bin""#,
        "dev_overrides {",
        "/registry.terraform.io/acme/example/1.2.3/",
        "/registry.opentofu.org/acme/example/1.2.3/",
        "terraform-provider-example_v1.2.3\n",
        "example = {",
        r#"source = "acme/example""#,
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(!text.contains("Rename"), "{text}");
    let text = explanation(&metadata, Path::new("/opt/bin/example"));
    let rename = "Rename this file first, from example to terraform-provider-example";
    assert!(text.contains(rename), "{text}");
}
