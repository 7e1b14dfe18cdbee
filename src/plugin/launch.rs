//! What the process that starts a plugin asks for, in the environment, by go-plugin's conventions.

use std::{env::VarError, ops::RangeInclusive, path::PathBuf};

use rustls::pki_types::CertificateDer;

use super::auto_mtls::{self, ClientCertificateError};

/// The major version of tfplugin that is spoken here.
pub(super) const PROTOCOL_VERSION: u32 = 6;

/// Not a secret: it only tells a plugin that it was not started by hand.
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
    #[error("the binary was started by hand")]
    ByHand,
    #[error(
        "the Terraform that started this provider speaks the plugin protocol versions {0:?}, this provider speaks {PROTOCOL_VERSION} only; \
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
    /// Reads what core asks for. The cookie is looked at first: by hand, nothing else matters.
    pub(super) fn by_core(variable: Variable<'_>) -> Result<Launch, LaunchError> {
        if variable(COOKIE.0).as_deref() != Ok(COOKIE.1) {
            return Err(LaunchError::ByHand);
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
mod tests {
    use super::*;

    fn by_core(variables: &[(&str, &str)]) -> Result<Launch, LaunchError> {
        Launch::by_core(&|name| {
            variables
                .iter()
                .rfind(|(candidate, _)| *candidate == name)
                .map(|(_, value)| (*value).to_owned())
                .ok_or(VarError::NotPresent)
        })
    }

    const VERSIONS: (&str, &str) = ("PLUGIN_PROTOCOL_VERSIONS", "6,5");

    #[test]
    fn the_cookie_is_looked_at_before_anything_else() {
        for cookie in [
            None,
            Some((COOKIE.0, "")),
            Some((COOKIE.0, "another")),
            Some((COOKIE.0, &COOKIE.1[1..])),
        ] {
            let variables: Vec<_> = cookie
                .into_iter()
                .chain([("PLUGIN_CLIENT_CERT", "nonsense")])
                .collect();
            assert!(
                matches!(by_core(&variables), Err(LaunchError::ByHand)),
                "{cookie:?}"
            );
        }
    }

    #[test]
    fn protocol_versions_are_a_set_that_must_hold_6() {
        for accepted in ["6", "5,6", "6,5", " 5 , 6 ", "x,6", "6,7"] {
            assert!(
                by_core(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", accepted)]).is_ok(),
                "{accepted:?}"
            );
        }
        for refused in ["", "5", "5,7", "66", "16", "six", "-6", "6.0", "5 6"] {
            let error = by_core(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", refused)]).unwrap_err();
            assert!(
                matches!(&error, LaunchError::ProtocolVersions(sent) if sent == refused),
                "{refused:?}: {error}"
            );
        }
        assert!(matches!(
            by_core(&[COOKIE]),
            Err(LaunchError::ProtocolVersions(_))
        ));
    }

    #[test]
    fn no_client_certificate_is_no_tls_and_a_malformed_one_no_start() {
        let launch = by_core(&[COOKIE, VERSIONS]).unwrap();
        assert!(launch.client_certificate.is_none());
        for malformed in [
            "",
            "nonsense",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = by_core(&[COOKIE, VERSIONS, ("PLUGIN_CLIENT_CERT", malformed)]);
            assert!(
                matches!(error, Err(LaunchError::ClientCertificate(_))),
                "{malformed:?}"
            );
        }
    }

    #[test]
    fn the_port_range_is_as_asked_for() {
        let ports = |variables: &[(&str, &str)]| {
            by_core(&[&[COOKIE, VERSIONS], variables].concat()).map(|launch| launch.place.ports)
        };
        assert_eq!(ports(&[]).unwrap(), 0..=0);
        assert_eq!(
            ports(&[("PLUGIN_MIN_PORT", "10000"), ("PLUGIN_MAX_PORT", "25000")]).unwrap(),
            10_000..=25_000
        );
        assert_eq!(
            ports(&[("PLUGIN_MIN_PORT", "7"), ("PLUGIN_MAX_PORT", "7")]).unwrap(),
            7..=7
        );
        assert_eq!(
            ports(&[("PLUGIN_MIN_PORT", "50000")]).unwrap(),
            50_000..=65_535
        );
        assert_eq!(ports(&[("PLUGIN_MAX_PORT", "50000")]).unwrap(), 1..=50_000);
        assert!(matches!(
            ports(&[("PLUGIN_MIN_PORT", "2"), ("PLUGIN_MAX_PORT", "1")]),
            Err(LaunchError::PortOrder(2, 1))
        ));
        for refused in ["65536", "-1", "http"] {
            assert!(matches!(
                ports(&[("PLUGIN_MAX_PORT", refused)]),
                Err(LaunchError::Port("PLUGIN_MAX_PORT", _))
            ));
        }
    }

    #[test]
    fn the_socket_goes_where_it_is_asked_for_or_into_the_folder_for_temporary_files() {
        let folder = |variables: &[(&str, &str)]| {
            by_core(&[&[COOKIE, VERSIONS], variables].concat())
                .unwrap()
                .place
                .socket_folder
        };
        assert_eq!(folder(&[]), std::env::temp_dir());
        assert_eq!(
            folder(&[("PLUGIN_UNIX_SOCKET_DIR", "")]),
            std::env::temp_dir()
        );
        assert_eq!(
            folder(&[("PLUGIN_UNIX_SOCKET_DIR", "/run/x")]),
            PathBuf::from("/run/x")
        );
    }

    #[test]
    fn a_process_for_debugging_needs_no_cookie_and_has_no_tls() {
        let launch = Launch::for_debugging(&|name| match name {
            "PLUGIN_CLIENT_CERT" => Ok("nonsense".to_owned()),
            _ => Err(VarError::NotPresent),
        })
        .unwrap();
        assert!(launch.client_certificate.is_none());
    }
}
