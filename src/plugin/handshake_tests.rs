use super::*;

fn address() -> Address {
    Address {
        network: "unix",
        address: "/tmp/plugin-x/socket".into(),
    }
}

#[test]
fn it_has_six_fields_and_the_certificate_has_no_padding() {
    assert_eq!(
        line(&address(), Some(&[0xfb, 0xff, 0xbf, 0x01])),
        "1|6|unix|/tmp/plugin-x/socket|grpc|+/+/AQ"
    );
}

#[test]
fn without_a_certificate_the_last_field_is_empty() {
    assert_eq!(
        line(&address(), None),
        "1|6|unix|/tmp/plugin-x/socket|grpc|"
    );
}
