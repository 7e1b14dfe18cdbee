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
/// It is pinned for the life of the process, so its validity is as good as unlimited, whatever the clock says.
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
pub(super) mod tests {
    use std::io;

    use rustls::{ClientConfig, RootCertStore, pki_types::ServerName, sign::CertifiedKey};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// A certificate such as core makes for itself, and its key.
    pub(in crate::plugin) struct Client {
        key: KeyPair,
        certificate: rcgen::Certificate,
    }

    impl Client {
        pub(in crate::plugin) fn like_core() -> Client {
            Client::with(&rcgen::PKCS_ECDSA_P521_SHA512)
        }

        fn with(algorithm: &'static rcgen::SignatureAlgorithm) -> Client {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let certificate = certificate_params().unwrap().self_signed(&key).unwrap();
            Client { key, certificate }
        }

        pub(in crate::plugin) fn certificate(&self) -> CertificateDer<'static> {
            self.certificate.der().clone()
        }

        pub(in crate::plugin) fn key(&self) -> PrivatePkcs8KeyDer<'static> {
            PrivatePkcs8KeyDer::from(self.key.serialize_der())
        }
    }

    /// A client that trusts the server's certificate and no other, as core does.
    pub(in crate::plugin) fn connector(
        server: &Server,
        client: Option<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>)>,
    ) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(server.certificate.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            // webpki refuses a CA as an end entity; Go takes the pinned certificate itself as the root.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PinnedServer(
                server.certificate.clone(),
                provider.signature_verification_algorithms,
            )));
        let mut config = match client {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                // Not `with_client_auth_cert`, which refuses a key that does not fit the certificate.
                let key = provider.key_provider.load_private_key(key.into()).unwrap();
                builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                    CertifiedKey::new(vec![certificate], key),
                )))
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsConnector::from(Arc::new(config))
    }

    #[derive(Debug)]
    struct PinnedServer(CertificateDer<'static>, WebPkiSupportedAlgorithms);

    impl rustls::client::danger::ServerCertVerifier for PinnedServer {
        fn verify_server_cert(
            &self,
            end_entity: &CertificateDer<'_>,
            _intermediates: &[CertificateDer<'_>],
            _server_name: &ServerName<'_>,
            _ocsp_response: &[u8],
            _now: UnixTime,
        ) -> Result<rustls::client::danger::ServerCertVerified, Error> {
            assert_eq!(*end_entity, self.0);
            Ok(rustls::client::danger::ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.1)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, signature, &self.1)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.1.supported_schemes()
        }
    }

    /// What the server makes of a client: the protocol that was agreed on, or its refusal.
    async fn shake_hands(
        server: &Server,
        client: Option<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>)>,
    ) -> io::Result<Option<Vec<u8>>> {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let acceptor = TlsAcceptor::from(Arc::clone(&server.config));
        let connector = connector(server, client);
        let name = ServerName::try_from("localhost").unwrap();
        let (accepted, _) = tokio::join!(acceptor.accept(near), connector.connect(name, far));
        let stream = accepted?;
        let (_, session) = stream.get_ref();
        assert_eq!(
            session.protocol_version(),
            Some(rustls::ProtocolVersion::TLSv1_3)
        );
        Ok(session.alpn_protocol().map(<[u8]>::to_vec))
    }

    #[tokio::test]
    async fn the_pinned_p521_client_is_let_in() {
        let client = Client::like_core();
        let server = server(client.certificate()).unwrap();
        let agreed = shake_hands(&server, Some((client.certificate(), client.key()))).await;
        assert_eq!(agreed.unwrap().as_deref(), Some(&b"h2"[..]));
    }

    #[tokio::test]
    async fn a_client_without_a_certificate_is_refused() {
        let server = server(Client::like_core().certificate()).unwrap();
        let refusal = shake_hands(&server, None).await.unwrap_err();
        assert!(refusal.to_string().contains("no certificates"), "{refusal}");
    }

    #[tokio::test]
    async fn a_client_with_another_certificate_is_refused() {
        let server = server(Client::like_core().certificate()).unwrap();
        for stranger in [
            Client::like_core(),
            Client::with(&rcgen::PKCS_ECDSA_P256_SHA256),
        ] {
            let refusal = shake_hands(&server, Some((stranger.certificate(), stranger.key())))
                .await
                .unwrap_err();
            assert!(
                refusal
                    .to_string()
                    .contains("ApplicationVerificationFailure"),
                "{refusal}"
            );
        }
    }

    #[tokio::test]
    async fn the_pinned_certificate_without_its_key_is_refused() {
        let client = Client::like_core();
        let server = server(client.certificate()).unwrap();
        let thief = Client::like_core();
        let refusal = shake_hands(&server, Some((client.certificate(), thief.key())))
            .await
            .unwrap_err();
        assert!(refusal.to_string().contains("BadSignature"), "{refusal}");
    }

    #[test]
    fn each_process_has_a_certificate_of_its_own() {
        let client = Client::like_core();
        let first = server(client.certificate()).unwrap();
        let second = server(client.certificate()).unwrap();
        assert_ne!(first.certificate, second.certificate);
    }

    #[test]
    fn p521_is_among_the_offered_schemes_and_no_issuer_is_asked_for() {
        let verifier = Pinned::new(
            Client::like_core().certificate(),
            &aws_lc_rs::default_provider(),
        );
        assert!(
            verifier
                .supported_verify_schemes()
                .contains(&SignatureScheme::ECDSA_NISTP521_SHA512)
        );
        assert!(verifier.root_hint_subjects().is_empty());
        assert!(verifier.client_auth_mandatory());
    }

    #[test]
    fn one_certificate_is_read_and_anything_else_refused() {
        let client = Client::like_core();
        let pem = client.certificate.pem();
        assert_eq!(client_certificate(&pem), Ok(client.certificate()));
        assert_eq!(
            client_certificate(&format!("{pem}{pem}")),
            Err(ClientCertificateError::Count(2))
        );
        let key = client.key.serialize_pem();
        for (malformed, error) in [
            ("", ClientCertificateError::NotPem),
            ("localhost", ClientCertificateError::NotPem),
            (key.as_str(), ClientCertificateError::NotPem),
            (&pem[..pem.len() / 2], ClientCertificateError::NotPem),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                ClientCertificateError::NotX509,
            ),
        ] {
            assert_eq!(client_certificate(malformed), Err(error), "{malformed:?}");
        }
    }
}
