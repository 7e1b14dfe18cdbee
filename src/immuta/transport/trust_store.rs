//! The system trust store: the CA certificates that the API's certificate is verified with, unless the configuration
//! names others. Where the system itself verifies certificates (macOS, Windows), nothing is read.

#[cfg(all(unix, not(target_vendor = "apple")))]
use std::path::Path;

use rustls::pki_types::CertificateDer;

use crate::immuta::config::TrustStore;

/// What was read.
#[cfg_attr(any(not(unix), target_vendor = "apple"), allow(dead_code))] // nothing is read there
pub(super) struct Loaded {
    /// At least one.
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// What is wrong with a part of the store, if anything is; a sentence without its full stop that quotes no path.
    pub(super) problem: Option<String>,
}

/// Reads the store; `None` where the system itself verifies.
///
/// # Errors
///
/// What is wrong with it, if it has no certificate at all.
#[cfg(any(not(unix), target_vendor = "apple"))]
pub(super) fn load(_: &TrustStore) -> Result<Option<Loaded>, String> {
    Ok(None)
}

/// Reads the store; `None` where the system itself verifies.
///
/// # Errors
///
/// What is wrong with it, if it has no certificate at all.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn load(store: &TrustStore) -> Result<Option<Loaded>, String> {
    let mut certificates = Vec::new();
    let mut problems = Vec::new();
    if store.file.is_none() && store.directories.is_empty() {
        let usual = openssl_probe::probe();
        // The first directory often holds links to the file: read together, it is read once.
        let (first, others) = match usual.cert_dir.split_first() {
            Some((first, others)) => (Some(first.as_path()), others),
            None => (None, &[][..]),
        };
        certificates = usable(usual.cert_file.as_deref(), first);
        certificates.extend(others.iter().flat_map(|other| usable(None, Some(other))));
        if certificates.is_empty() {
            problems.push("this system has no CA certificates in the usual places".to_owned());
        }
    }
    if let Some(file) = &store.file {
        certificates = usable(Some(file), None);
        if certificates.is_empty() {
            let what = match std::fs::read(file) {
                Err(error) => format!("that cannot be read ({error})"),
                Ok(_) => "without a CA certificate in PEM".to_owned(),
            };
            problems.push(format!(
                "the environment variable SSL_CERT_FILE names a file {what}"
            ));
        }
    }
    if !store.directories.is_empty() {
        let before = certificates.len();
        let directories = store.directories.iter();
        certificates.extend(directories.flat_map(|directory| usable(None, Some(directory))));
        if certificates.len() == before {
            problems.push(
                "the environment variable SSL_CERT_DIR names no directory with a CA certificate in PEM"
                    .to_owned(),
            );
        }
    }
    let problem = problems.join(", and ");
    if certificates.is_empty() {
        return Err(problem);
    }
    Ok(Some(Loaded {
        certificates,
        problem: (!problem.is_empty()).then_some(problem),
    }))
}

/// The certificates of a file and of a directory that a chain could end with.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn usable(file: Option<&Path>, directory: Option<&Path>) -> Vec<CertificateDer<'static>> {
    let loaded = rustls_native_certs::load_certs_from_paths(file, directory);
    for error in &loaded.errors {
        tracing::debug!(%error, "a part of the system trust store was not read");
    }
    let mut certificates = loaded.certs;
    certificates.retain(|certificate| {
        rustls::RootCertStore::empty()
            .add(certificate.clone())
            .is_ok()
    });
    certificates
}

#[cfg(all(test, unix, not(target_vendor = "apple")))]
mod tests {
    use std::fs;

    use super::*;
    use crate::immuta::testing::server::Authority;

    #[test]
    fn a_store_is_read_from_what_the_variables_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["one", "two"] {
            fs::create_dir(path(name)).unwrap();
            let pem = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256).pem;
            fs::write(path(name).join("ca.pem"), pem).unwrap();
        }
        fs::create_dir(path("empty")).unwrap();
        fs::write(path("text"), "no certificate").unwrap();
        let store = |file: Option<&str>, directories: &[&str]| TrustStore {
            file: file.map(path),
            directories: directories.iter().map(|name| path(name)).collect(),
        };
        for (store, certificates, problem) in [
            (store(Some("one/ca.pem"), &[]), 1, None),
            (store(Some("one/ca.pem"), &["two"]), 2, None),
            (store(None, &["one", "two", "missing"]), 2, None),
            (store(Some("missing"), &["two"]), 1, Some("SSL_CERT_FILE")),
            (
                store(Some("one/ca.pem"), &["empty"]),
                1,
                Some("SSL_CERT_DIR"),
            ),
        ] {
            let loaded = load(&store).unwrap().unwrap();
            assert_eq!(loaded.certificates.len(), certificates, "{store:?}");
            match problem {
                Some(name) => assert!(loaded.problem.unwrap().contains(name), "{store:?}"),
                None => assert_eq!(loaded.problem, None, "{store:?}"),
            }
        }
        for (store, problems) in [
            (
                store(Some("missing"), &[]),
                &["SSL_CERT_FILE names a file that cannot be read (No such file"][..],
            ),
            (
                store(Some("text"), &[]),
                &["SSL_CERT_FILE names a file without a CA certificate"],
            ),
            (
                store(None, &["empty"]),
                &["SSL_CERT_DIR names no directory"],
            ),
            (
                store(Some("missing"), &["empty"]),
                &["SSL_CERT_FILE names", "SSL_CERT_DIR names"],
            ),
        ] {
            let problem = load(&store).map(drop).unwrap_err();
            for expected in problems {
                assert!(problem.contains(expected), "{store:?}: {problem}");
            }
            assert!(!problem.contains("missing"), "{problem}");
        }
    }
}
