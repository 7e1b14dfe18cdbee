use super::*;

#[test]
fn debug_shows_no_secret() {
    let base_url = BaseUrl(Url::parse("https://user:hunter2@example.com/x?key=hunter2").unwrap());
    let token = Token::parse("hunter2".into()).unwrap();
    let config = ClientConfig::new(base_url, token.clone(), "agent".to_owned());
    let shown = format!("{config:?} {token:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn base_urls() {
    for good in [
        "https://na.api.immutacloud.com/marketplace",
        "https://immuta.example:8443/marketplace/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080/x",
        "http://localhost:1234/marketplace",
        "http://immuta.localhost",
    ] {
        assert!(BaseUrl::parse(good).is_ok(), "{good}");
    }
    for (bad, problem) in [
        ("http://immuta.example", InvalidBaseUrl::Unencrypted),
        ("http://127.0.0.1.evil.example", InvalidBaseUrl::Unencrypted),
        ("http://localhost.evil.example", InvalidBaseUrl::Unencrypted),
        ("https://user:pw@immuta.example", InvalidBaseUrl::Userinfo),
        ("https://immuta.example/?a=b", InvalidBaseUrl::Query),
        (
            "https://immuta.example/#a",
            InvalidBaseUrl::Url(InvalidUrl::Fragment),
        ),
        (
            "na.api.immutacloud.com",
            InvalidBaseUrl::Url(InvalidUrl::NotAbsolute),
        ),
        ("", InvalidBaseUrl::Empty),
    ] {
        assert_eq!(BaseUrl::parse(bad), Err(problem), "{bad}");
    }
}

#[test]
fn no_proxy_lies_in_front_of_this_machine_or_of_what_is_listed() {
    for (base_url, no_proxy, direct) in [
        ("https://immuta.example", "", false),
        ("https://immuta.example", "other, *.example", true),
        ("https://immuta.example:8443", "immuta.example:443", false),
        ("https://localhost:8443", "", true),
        ("http://127.0.0.1", "", true),
        ("https://[::1]", "", true),
    ] {
        let found = BaseUrl::parse(base_url).unwrap().bypasses_proxy(no_proxy);
        assert_eq!(found, direct, "{base_url} {no_proxy}");
    }
}

#[test]
fn tokens() {
    assert!(Token::parse("a.b-c_d/e=".into()).is_ok());
    for (bad, problem) in [
        ("", InvalidToken::Empty),
        ("a b", InvalidToken::InvisibleCharacter),
        ("a\n", InvalidToken::InvisibleCharacter),
        ("ä", InvalidToken::InvisibleCharacter),
    ] {
        assert_eq!(Token::parse(bad.into()).map(drop), Err(problem), "{bad:?}");
    }
}

#[test]
fn certificates() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["immuta.example".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let pem = certificate.pem();
    assert_eq!(CaCertificates::from_pem(&pem).unwrap().0.len(), 1);
    let twice = format!("# a comment\n{pem}\n{pem}");
    assert_eq!(CaCertificates::from_pem(&twice).unwrap().0.len(), 2);
    for bad in [
        "",
        "nonsense",
        "MIIB/./cer",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &pem.replace("-----END CERTIFICATE-----", ""),
        &key.serialize_pem(),
    ] {
        let error = CaCertificates::from_pem(bad).unwrap_err().to_string();
        assert!(
            !error.contains("AAAA") && !error.contains("PRIVATE"),
            "{error}"
        );
    }
}

#[test]
fn the_path_of_a_certificate_is_told_from_one() {
    for path in [
        "/etc/ssl/ca.pem",
        "./ca",
        "~/ca",
        "certs/ca.crt",
        "C:\\certs\\ca.cer\n",
        "ca.PEM",
    ] {
        let error = CaCertificates::from_pem(path).unwrap_err();
        assert_eq!(error, InvalidCaCertificates::Path, "{path}");
        assert!(error.to_string().contains("ca_cert_file"));
    }
    for other in ["", "MIIB/cer", "one.pem\ntwo.pem"] {
        let error = CaCertificates::from_pem(other).unwrap_err();
        assert_eq!(error, InvalidCaCertificates::Empty, "{other}");
    }
}

#[test]
fn retry_policies() {
    let second = Duration::from_secs(1);
    let default = RetryPolicy::default();
    assert_eq!(
        RetryPolicy::new(
            default.max_attempts,
            default.min_backoff,
            default.max_backoff
        ),
        Ok(default)
    );
    for (attempts, min, max, problem) in [
        (0, second, second, InvalidRetryPolicy::NoAttempt),
        (1, Duration::ZERO, second, InvalidRetryPolicy::NoBackoff),
        (1, second * 2, second, InvalidRetryPolicy::Crossed),
    ] {
        assert_eq!(RetryPolicy::new(attempts, min, max), Err(problem));
    }
}
