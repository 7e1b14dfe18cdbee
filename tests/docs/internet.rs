//! The hosts that pages name, on loopback: an HTTP proxy that ends TLS for them, with a certificate of
//! its own, and leads each to the server that stands for it. No other host can be reached.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

/// The largest request for a connection.
const MAX_HEAD: usize = 8 << 10;

/// The names in the certificate.
const HOSTS: [&str; 3] = [
    "*.api.immutacloud.com",
    "*.example.com",
    "*.internal.example.com",
];

/// Where each host is, by its name or by what it ends with.
pub(crate) type Routes = BTreeMap<&'static str, SocketAddr>;

/// The proxy. Dropping it closes it, with every connection.
pub(crate) struct Internet {
    runtime: Option<Runtime>,
    listener: Option<TcpListener>,
    address: SocketAddr,
    tls: TlsAcceptor,
    /// The authority that signed the certificate of every host.
    pub(crate) ca_pem: String,
}

impl Internet {
    /// Listens. Connections are led on from [`Internet::open`] on.
    pub(crate) fn start() -> Internet {
        let (tls, ca_pem) = identity().expect("a certificate can be made");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("loopback has a free port");
        Internet {
            address: listener.local_addr().expect("a listener has an address"),
            listener: Some(listener),
            runtime: Some(runtime),
            tls,
            ca_pem,
        }
    }

    /// What `HTTPS_PROXY` is set to.
    pub(crate) fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads connections on, until it is dropped.
    pub(crate) fn open(&mut self, routes: Routes) {
        let (Some(listener), Some(runtime)) = (self.listener.take(), &self.runtime) else {
            panic!("it is open already");
        };
        let tls = self.tls.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, routes) = (tls.clone(), routes.clone());
                // The error is of the client's or the server's going away.
                tokio::spawn(async move { lead(stream, tls, &routes).await });
            }
        });
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn lead(mut stream: TcpStream, tls: TlsAcceptor, routes: &Routes) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let host = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split_once(':'))
        .map(|(host, _)| host);
    let known = host.and_then(|host| {
        let ends = |(name, _): &(&&str, &SocketAddr)| host.ends_with(**name);
        // The longest name is the most exact one.
        routes
            .iter()
            .filter(ends)
            .max_by_key(|(name, _)| name.len())
    });
    let Some((_, server)) = known else {
        return stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
            .await;
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut stream = tls.accept(stream).await?;
    let mut server = TcpStream::connect(server).await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

/// A fresh authority, and a certificate under it.
fn identity() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error>> {
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca_key = KeyPair::generate()?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let leaf = CertificateParams::new(HOSTS.map(str::to_owned))?;
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok((TlsAcceptor::from(Arc::new(config)), ca_pem))
}
