//! What Cargo has built for the test that runs.

use std::{
    env,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The built provider. Cargo builds it before the tests of its package, and puts it into
/// `target/<profile>/`; a test's program lies in `deps/` below that.
pub fn provider() -> &'static Path {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = env::current_exe().expect("a program knows where it lies");
        let profile = test.ancestors().nth(2);
        profile
            .expect("a test lies in target/<profile>/deps/")
            .join(format!(
                "terraform-provider-immuta{}",
                env::consts::EXE_SUFFIX
            ))
    });
    &PATH
}

/// Cargo's target folder.
pub fn target_dir() -> &'static Path {
    provider()
        .ancestors()
        .nth(2)
        .expect("the provider lies in target/<profile>/")
}
