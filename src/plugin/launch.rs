//! The environment of a plugin process, by go-plugin's conventions.

use std::{env::VarError, ops::RangeInclusive, path::PathBuf};

use rustls::pki_types::CertificateDer;

use super::auto_mtls::{self, ClientCertificateError};

/// The major version of tfplugin that is spoken here.
pub(super) const PROTOCOL_VERSION: u32 = 6;

/// Not a secret: it only tells a plugin that it was started by core.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// What the environment asks of the process.
#[derive(Debug)]
pub(super) struct Launch {
    /// The only certificate that a client may show. Without one the socket is served in the clear.
    pub(super) client_certificate: Option<CertificateDer<'static>>,
    /// Where to listen.
    pub(super) place: Place,
}

/// Where the environment wants the process to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The folder for the Unix socket's own folder.
    pub(super) socket_folder: PathBuf,
    /// The TCP ports that may be used where a Unix socket is not to be had. Port 0 is any free one.
    pub(super) ports: RangeInclusive<u16>,
}

/// Why a process is not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum LaunchError {
    #[error("the binary was run directly")]
    DirectInvocation,
    #[error(
        "the CLI that started this provider supports the plugin protocol versions {0:?}, this provider supports {PROTOCOL_VERSION} only; \
         use Terraform 1.0 or later, or OpenTofu"
    )]
    ProtocolVersions(String),
    #[error("PLUGIN_CLIENT_CERT cannot be used, and without it anyone could connect: {0}")]
    ClientCertificate(#[from] ClientCertificateError),
    #[error(
        "{0} is {1:?}, and not a port between 0 and 65535; leave it unset to use any free port"
    )]
    Port(&'static str, String),
    #[error("PLUGIN_MIN_PORT is {0}, and above PLUGIN_MAX_PORT, which is {1}")]
    PortOrder(u16, u16),
    #[error("{0} is not valid Unicode")]
    NotUnicode(&'static str),
}

/// Reads a variable, as [`std::env::var`] does.
type Variable<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

impl Launch {
    /// Reads what core asks for. The cookie comes first: when the binary is run directly, nothing else matters.
    pub(super) fn by_core(variable: Variable<'_>) -> Result<Launch, LaunchError> {
        if variable(COOKIE.0).as_deref() != Ok(COOKIE.1) {
            return Err(LaunchError::DirectInvocation);
        }
        let versions = text(variable, "PLUGIN_PROTOCOL_VERSIONS")?.unwrap_or_default();
        if !speaks(&versions, PROTOCOL_VERSION) {
            return Err(LaunchError::ProtocolVersions(versions));
        }
        // A variable that is set and empty was meant to hold a certificate: it is malformed.
        let client_certificate = text(variable, "PLUGIN_CLIENT_CERT")?
            .map(|pem| auto_mtls::client_certificate(&pem))
            .transpose()?;
        Ok(Launch {
            client_certificate,
            place: Place::asked_for(variable)?,
        })
    }

    /// Reads what matters to a process that others attach to. Such a connection never has TLS.
    pub(super) fn for_debugging(variable: Variable<'_>) -> Result<Launch, LaunchError> {
        Ok(Launch {
            client_certificate: None,
            place: Place::asked_for(variable)?,
        })
    }
}

impl Place {
    fn asked_for(variable: Variable<'_>) -> Result<Place, LaunchError> {
        let socket_folder = text(variable, "PLUGIN_UNIX_SOCKET_DIR")?
            .filter(|folder| !folder.is_empty())
            .map_or_else(std::env::temp_dir, PathBuf::from);
        let lowest = port(variable, "PLUGIN_MIN_PORT")?;
        let highest = port(variable, "PLUGIN_MAX_PORT")?;
        let ports = match (lowest, highest) {
            (None, None) => 0..=0,
            (lowest, highest) => lowest.unwrap_or(1)..=highest.unwrap_or(u16::MAX),
        };
        if ports.is_empty() {
            return Err(LaunchError::PortOrder(*ports.start(), *ports.end()));
        }
        Ok(Place {
            socket_folder,
            ports,
        })
    }
}

/// Whether a list such as `5,6` holds a version. Its order means nothing, it changes from run to run.
fn speaks(versions: &str, version: u32) -> bool {
    versions
        .split(',')
        .any(|candidate| candidate.trim().parse() == Ok(version))
}

fn port(variable: Variable<'_>, name: &'static str) -> Result<Option<u16>, LaunchError> {
    text(variable, name)?
        .filter(|value| !value.is_empty())
        .map(|value| {
            value
                .trim()
                .parse()
                .map_err(|_| LaunchError::Port(name, value))
        })
        .transpose()
}

fn text(variable: Variable<'_>, name: &'static str) -> Result<Option<String>, LaunchError> {
    match variable(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(LaunchError::NotUnicode(name)),
    }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;
