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
            matches!(by_core(&variables), Err(LaunchError::DirectInvocation)),
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
