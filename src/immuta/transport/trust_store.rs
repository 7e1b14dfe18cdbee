//! The system trust store: the CA certificates that the API's certificate is verified with, unless the configuration
//! names others. Where the system itself verifies certificates (macOS, Windows), nothing is read.

use rustls::pki_types::CertificateDer;

use crate::immuta::config::TrustStore;

/// The certificates; `None` where the system itself verifies.
///
/// # Errors
///
/// Why there are none; a sentence without its full stop that quotes no path.
#[cfg(any(not(unix), target_vendor = "apple"))]
pub(super) fn load(_: &TrustStore) -> Result<Option<Vec<CertificateDer<'static>>>, String> {
    Ok(None)
}

/// The certificates; `None` where the system itself verifies.
///
/// # Errors
///
/// Why there are none; a sentence without its full stop that quotes no path.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn load(store: &TrustStore) -> Result<Option<Vec<CertificateDer<'static>>>, String> {
    use rustls::RootCertStore;
    use rustls_native_certs::load_certs_from_paths;

    let (file, directories) = match store.file.is_none() && store.directories.is_empty() {
        true => {
            let usual = openssl_probe::probe();
            (usual.cert_file, usual.cert_dir)
        }
        false => (store.file.clone(), store.directories.clone()),
    };
    // The first directory often holds links to the file: read together, it is read once.
    let (first, others) = match directories.split_first() {
        Some((first, others)) => (Some(first.as_path()), others),
        None => (None, &[][..]),
    };
    let mut loaded = load_certs_from_paths(file.as_deref(), first);
    for directory in others {
        let more = load_certs_from_paths(None, Some(directory));
        loaded.certs.extend(more.certs);
        loaded.errors.extend(more.errors);
    }
    for error in &loaded.errors {
        tracing::debug!(%error, "a part of the system trust store was not read");
    }
    let mut certificates = loaded.certs;
    certificates.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    match certificates.is_empty() {
        true => Err(problem(store)),
        false => Ok(Some(certificates)),
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn problem(store: &TrustStore) -> String {
    let of_file = store.file.as_ref().map(|file| match std::fs::read(file) {
        Err(error) => {
            format!(
                "the environment variable SSL_CERT_FILE names a file that cannot be read ({error})"
            )
        }
        Ok(_) => {
            "the environment variable SSL_CERT_FILE names a file without a CA certificate in PEM"
                .to_owned()
        }
    });
    let of_directories = (!store.directories.is_empty()).then(|| {
        "the environment variable SSL_CERT_DIR names no directory with a CA certificate in PEM"
            .to_owned()
    });
    let named: Vec<String> = of_file.into_iter().chain(of_directories).collect();
    match named.is_empty() {
        true => "this system has no CA certificates in the usual places".to_owned(),
        false => named.join(", and "),
    }
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
        for (store, certificates) in [
            (store(Some("one/ca.pem"), &[]), 1),
            (store(Some("one/ca.pem"), &["two"]), 2),
            (store(None, &["one", "two", "missing"]), 2),
            (store(Some("missing"), &["two"]), 1),
        ] {
            let loaded = load(&store).unwrap().unwrap();
            assert_eq!(loaded.len(), certificates, "{store:?}");
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
            let problem = load(&store).unwrap_err();
            for expected in problems {
                assert!(problem.contains(expected), "{store:?}: {problem}");
            }
            assert!(!problem.contains("missing"), "{problem}");
        }
    }
}
