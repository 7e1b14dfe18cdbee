//! Durations as users write them: `500ms`, `30s`, `1m30s`.

use std::time::Duration;

const UNITS: [&str; 4] = ["ms", "s", "m", "h"];

/// No request and no wait is meant to take longer, and sums of such times still have a date.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a duration above zero, of a day at the most.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let known_units = text
        .split(|character: char| character.is_ascii_digit())
        .all(|unit| unit.is_empty() || UNITS.contains(&unit));
    let starts_with_a_number = text.starts_with(|first: char| first.is_ascii_digit());
    match humantime::parse_duration(text) {
        Ok(duration) if known_units && starts_with_a_number && !duration.is_zero() => {
            match duration <= LONGEST {
                true => Ok(duration),
                false => Err("it is longer than a day (24h)".to_owned()),
            }
        }
        _ => Err(
            "it must be a duration above zero, such as \"500ms\", \"30s\" or \"1m30s\"".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_documentation_shows() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(parse("24h"), Ok(LONGEST));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "0s",
            "30",
            "s",
            "-1s",
            "1 m",
            "1M",
            "1d",
            "1.5s",
            "9999999999999999999h",
            "2562047788015216h",
            "24h1ms",
            "1µs",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
