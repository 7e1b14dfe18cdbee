//! What the fuzz targets share.
//!
//! `cargo fuzz run msgpack fuzz/corpus/msgpack fuzz/seeds/msgpack` starts from the seeds, which
//! are kept, and adds what it finds to the corpus, which is not. A stable toolchain needs
//! `RUSTC_BOOTSTRAP=1` and, where it has no address sanitizer, `--sanitizer none`.

use std::sync::LazyLock;

use terraform_provider_immuta::tfplugin::value::Type;

/// Types of every kind. The last one lets the input bring its own.
const TYPES: [&str; 12] = [
    r#""bool""#,
    r#""number""#,
    r#""string""#,
    r#"["list","number"]"#,
    r#"["set","string"]"#,
    r#"["map","number"]"#,
    r#"["tuple",["bool",["list","string"]]]"#,
    r#"["object",{"a":"string","b":"number","c":["list",["object",{"x":"bool"}]]}]"#,
    r#"["object",{"id":"string","signing_key":"string","signing_key_set":"bool","signing_key_wo":"string","signing_key_wo_version":"number","suppressed":"bool","url":"string","verify_tls":"bool"}]"#,
    r#"["object",{"payload":"dynamic","status":"number","tags":["set","string"],"timeout":"number","webhook_id":"string"}]"#,
    r#"["map",["map",["tuple",["dynamic","dynamic"]]]]"#,
    r#""dynamic""#,
];

/// Takes the type from the first byte of the input; the rest is the value.
pub fn typed(data: &[u8]) -> Option<(&'static Type, &[u8])> {
    static PARSED: LazyLock<Vec<Type>> = LazyLock::new(|| {
        let types = TYPES.iter().map(|json| Type::from_json(json.as_bytes()));
        types
            .collect::<Result<_, _>>()
            .expect("the table holds types")
    });
    let (choice, value) = data.split_first()?;
    let ty = PARSED.get(usize::from(*choice) % PARSED.len())?;
    Some((ty, value))
}
