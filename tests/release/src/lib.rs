//! What the registries publish of a provider: one archive for each platform, the manifest, the
//! checksums, the signature, and beside these a bill of materials.
//!
//! The binary `dist` (`make dist`) makes them from the commit that is checked out, the same bytes
//! wherever the clone lies. The modules that decide (names, archives, checksums, layouts) are plain
//! functions; those that run tools are [`build`], [`toolchain`], [`signature`] and [`sbom`].
//!
//! The file names and what the files hold are the Terraform registry's: "Publishing Providers" in
//! Terraform's documentation.

pub mod archive;
pub mod build;
pub mod checksums;
pub mod mirror;
pub mod names;
pub mod run;
pub mod sbom;
pub mod signature;
pub mod source;
pub mod target;
pub mod toolchain;
