//! The platforms that are published, and what Rust calls them.

use std::fmt;

/// A platform in the registry's words: `linux_amd64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// Go's name of the operating system.
    pub os: &'static str,
    /// Go's name of the processor.
    pub arch: &'static str,
}

impl Platform {
    /// The platform that this program runs on; `None` where it is not one of [`TARGETS`].
    pub fn native() -> Option<Platform> {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        TARGETS
            .iter()
            .map(|target| target.platform)
            .find(|platform| platform.os == os && platform.arch == arch)
    }

    /// What the names of programs end in.
    pub fn exe_suffix(self) -> &'static str {
        if self.os == "windows" { ".exe" } else { "" }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.os, self.arch)
    }
}

/// A platform and the target that Rust builds for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The registry's name.
    pub platform: Platform,
    /// Rust's name.
    pub triple: &'static str,
}

/// Every platform that is published. On Linux the binary is static (musl): it runs on any
/// distribution, and in an image that has no C library.
pub const TARGETS: [Target; 5] = [
    target("linux", "amd64", "x86_64-unknown-linux-musl"),
    target("linux", "arm64", "aarch64-unknown-linux-musl"),
    target("darwin", "amd64", "x86_64-apple-darwin"),
    target("darwin", "arm64", "aarch64-apple-darwin"),
    target("windows", "amd64", "x86_64-pc-windows-gnu"),
];

const fn target(os: &'static str, arch: &'static str, triple: &'static str) -> Target {
    Target {
        platform: Platform { os, arch },
        triple,
    }
}

/// The target of a platform by its name, such as `linux_amd64`.
pub fn by_name(name: &str) -> Option<Target> {
    TARGETS
        .into_iter()
        .find(|target| target.platform.to_string() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_is_found_by_its_name() {
        for target in TARGETS {
            assert_eq!(by_name(&target.platform.to_string()), Some(target));
        }
        assert_eq!(by_name("plan9_amd64"), None);
    }
}
