//! AutoMTLS: each side makes a certificate for this one connection and pins the other's.
//!
//! Core's certificate is P-521, self-signed, CA:TRUE. Go sends it only if the server offers a signature
//! scheme that it can be used with (so P-521 must be among them) and if the server's hints do not rule it
//! out (so there are none). A client without it is refused, never served as a stranger.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage, ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

/// Why the certificate that core sent cannot be pinned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ClientCertificateError {
    #[error("it is not PEM with a certificate in it")]
    NotPem,
    #[error("it holds {0} certificates instead of one")]
    Count(usize),
    #[error("its content is not an X.509 certificate")]
    NotX509,
}

/// Why no TLS can be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServerError {
    #[error("no certificate could be made for this process: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] Error),
}

/// A TLS server that serves one client, and the certificate that it shows, in DER.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: CertificateDer<'static>,
}

/// Reads the one certificate that a PEM text must hold.
pub(super) fn client_certificate(
    pem: &str,
) -> Result<CertificateDer<'static>, ClientCertificateError> {
    let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ClientCertificateError::NotPem)?;
    match (certificates.pop(), certificates.len()) {
        (None, _) => Err(ClientCertificateError::NotPem),
        (Some(certificate), 0) => {
            ParsedCertificate::try_from(&certificate)
                .map_err(|_| ClientCertificateError::NotX509)?;
            Ok(certificate)
        }
        (Some(_), others) => Err(ClientCertificateError::Count(others + 1)),
    }
}

/// Sets up TLS 1.3 for the client with this certificate, behind a fresh certificate of our own.
pub(super) fn server(client: CertificateDer<'static>) -> Result<Server, ServerError> {
    let key = KeyPair::generate()?;
    let certificate = CertificateDer::from(certificate_params()?.self_signed(&key)?);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(Pinned::new(client, &provider));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![certificate.clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // There is one connection: a session to resume would only be a second way in.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Server {
        config: Arc::new(config),
        certificate,
    })
}

/// The same names and usages as go-plugin gives its own certificates; Go takes it as its only root.
/// It is pinned for the life of the process, so its validity is practically unlimited, whatever the clock shows.
fn certificate_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyAgreement,
        KeyUsagePurpose::KeyCertSign,
    ];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ClientAuth,
        ExtendedKeyUsagePurpose::ServerAuth,
    ];
    Ok(params)
}

/// Accepts one certificate, byte for byte, from a client that proves to hold its key.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn new(certificate: CertificateDer<'static>, provider: &CryptoProvider) -> Pinned {
        Pinned {
            certificate,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not served".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "auto_mtls_tests.rs"]
pub(super) mod tests;
