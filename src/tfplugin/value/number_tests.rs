use super::*;

fn parse(text: &str) -> Result<Number, NumberError> {
    text.parse()
}

#[test]
fn equality_is_by_value() {
    for (a, b) in [
        ("1", "1.000"),
        ("100", "1e2"),
        ("0", "-0.0"),
        ("1e-7", "0.0000001"),
        ("12345678901234567890123", "1.2345678901234567890123E22"),
        (".5", "0.50"),
        ("+5", "5."),
        ("-9223372036854775808", "-9223372036854775808.0"),
    ] {
        assert_eq!(parse(a), parse(b), "{a} {b}");
        assert!(parse(a).is_ok());
    }
    assert_ne!(parse("0.1"), parse("0.10000000000000000001"));
}

#[test]
fn display_is_plain() {
    for (text, plain) in [
        ("1e-7", "0.0000001"),
        ("1e20", "100000000000000000000"),
        ("-1.50", "-1.5"),
        ("007", "7"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), plain);
    }
}

#[test]
fn what_is_no_number() {
    for text in [
        "", "-", ".", "e5", "1e", "1e+", "--1", "1.2.3", " 1", "1 ", "0x10", "1_000", "inf", "NaN",
        "١",
    ] {
        assert_eq!(parse(text), Err(NumberError::Syntax), "{text:?}");
    }
}

#[test]
fn size_is_bounded_before_anything_is_computed() {
    assert!(parse("1e1199").is_ok());
    let tiny = parse("1e-1200").unwrap();
    assert_eq!(parse(&tiny.to_string()), Ok(tiny));
    let huge = "9".repeat(MAX_DIGITS + 1);
    let zeros = "0".repeat(MAX_DIGITS + 2);
    for text in [
        "1e1200",
        "1e-1201",
        "1e999999999999999999",
        "1e-999999999999999999",
        "0e99999999999999999999999999",
        "1e-9223372036854775808",
        &huge,
        &zeros,
    ] {
        assert_eq!(parse(text), Err(NumberError::TooLong), "{text}");
    }
}

#[test]
fn conversions() {
    assert_eq!(parse("42").unwrap().as_i64(), Some(42));
    assert_eq!(parse("42.0").unwrap().as_i64(), Some(42));
    assert_eq!(parse("42.5").unwrap().as_i64(), None);
    assert_eq!(parse("42.5").unwrap().as_u64(), None);
    assert_eq!(Number::from(u64::MAX).as_u64(), Some(u64::MAX));
    assert_eq!(Number::from(u64::MAX).as_i64(), None);
    assert_eq!(parse("18446744073709551616").unwrap().as_u64(), None);
    assert_eq!(parse("1e30").unwrap().as_u64(), None);
    assert_eq!(parse("-1").unwrap().as_u64(), None);
    assert_eq!(parse("-1e19").unwrap().as_u64(), None);
    assert_eq!(parse("1e1000").unwrap().as_f64(), f64::INFINITY);
    assert_eq!(Number::try_from(0.1).unwrap(), parse("0.1").unwrap());
    assert_eq!(Number::try_from(f64::NAN), Err(NumberError::NotFinite));
}

#[test]
fn each_float_fits() {
    for float in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -0.0] {
        let number = Number::from_f64_exact(float).unwrap();
        assert_eq!(number.to_string().parse(), Ok(number.clone()));
        assert_eq!(number.as_f64(), float);
    }
}
