//! A table of what was measured, the aim of each line, and whether it is reached.

use std::fmt::Write;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) ours: f64,
    /// Where there was a reference provider.
    pub(crate) reference: Option<f64>,
    pub(crate) unit: &'static str,
    pub(crate) aim: Aim,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aim {
    /// At most one part in so many of the reference's.
    PartOfReference(f64),
    /// At most this, in the line's unit.
    AtMost(f64),
}

/// Whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Reached,
    Missed,
    /// There was no reference provider to compare with.
    Unknown,
}

impl Line {
    fn verdict(&self) -> Verdict {
        let limit = match (self.aim, self.reference) {
            (Aim::AtMost(limit), _) => limit,
            (Aim::PartOfReference(parts), Some(reference)) => reference / parts,
            (Aim::PartOfReference(_), None) => return Verdict::Unknown,
        };
        match self.ours <= limit {
            true => Verdict::Reached,
            false => Verdict::Missed,
        }
    }

    /// How many times the reference provider's figure is ours.
    fn ratio(&self) -> Option<f64> {
        let ratio = self.reference? / self.ours;
        ratio.is_finite().then_some(ratio)
    }
}

/// The table in Markdown.
pub(crate) fn markdown(lines: &[Line]) -> String {
    let mut text = String::from(
        "| what | Go reference | this provider | reference ÷ ours | target | met |\n| --- | ---: | ---: | ---: | --- | --- |\n",
    );
    for line in lines {
        let unit = match line.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        let figure = |value: f64| format!("{}{unit}", rounded(value));
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let aim = match line.aim {
            Aim::PartOfReference(parts) => format!("≤ 1/{} of the reference", rounded(parts)),
            Aim::AtMost(limit) => format!("≤ {}", figure(limit)),
        };
        let verdict = match line.verdict() {
            Verdict::Reached => "yes",
            Verdict::Missed => "**no**",
            Verdict::Unknown => "no reference provider",
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {aim} | {verdict} |",
            line.what,
            or_dash(line.reference.map(figure)),
            figure(line.ours),
            or_dash(line.ratio().map(rounded)),
        );
    }
    text
}

/// Three digits, more only before the point.
pub(crate) fn rounded(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        size if size >= 99.95 || size.fract() == 0.0 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ours: f64, reference: Option<f64>, aim: Aim) -> Line {
        Line {
            what: "plan of 1".to_owned(),
            ours,
            reference,
            unit: "ms",
            aim,
        }
    }

    #[test]
    fn an_aim_is_a_part_of_the_peer_or_a_figure() {
        let part = Aim::PartOfReference(5.0);
        assert_eq!(line(2.0, Some(10.0), part).verdict(), Verdict::Reached);
        assert_eq!(line(2.1, Some(10.0), part).verdict(), Verdict::Missed);
        assert_eq!(line(2.0, None, part).verdict(), Verdict::Unknown);
        assert_eq!(
            line(5.0, None, Aim::AtMost(5.0)).verdict(),
            Verdict::Reached
        );
    }

    #[test]
    fn a_line_reads() {
        let text = markdown(&[line(1.5, Some(10.04), Aim::PartOfReference(5.0))]);
        assert!(text.ends_with(
            "| plan of 1 | 10.0 ms | 1.50 ms | 6.69 | ≤ 1/5 of the reference | yes |\n"
        ));
    }

    #[test]
    fn figures_have_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.123, "0.12"),
            (12.34, "12.3"),
            (1234.5, "1234"),
            (5.0, "5"),
        ] {
            assert_eq!(rounded(value), text);
        }
    }
}
