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
