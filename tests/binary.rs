//! What must hold of the built binary itself.
#![cfg(target_os = "linux")]

use std::fs;

use object::{Object, ObjectSymbol};

/// As published, aws-lc seeds its random generator from CPU jitter at first use, which costs tens of
/// milliseconds at every start. `.cargo/config.toml` builds it without; then none of the jitter
/// library's functions, whose names begin with `jent_`, is in the binary.
#[test]
fn the_crypto_library_has_no_jitter_entropy() {
    let bytes = fs::read(env!("CARGO_BIN_EXE_terraform-provider-immuta")).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let names: Vec<_> = file
        .symbols()
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    assert!(
        names.iter().any(|name| name.contains("RAND_bytes")),
        "the crypto library's symbols are not to be seen: does this test still see anything?"
    );
    let jitter: Vec<_> = names
        .into_iter()
        .filter(|name| name.contains("jent_"))
        .collect();
    assert!(
        jitter.is_empty(),
        "AWS_LC_SYS_NO_JITTER_ENTROPY was not set when aws-lc-sys was built: {jitter:?}"
    );
}
