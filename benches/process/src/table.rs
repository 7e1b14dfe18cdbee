//! A table of what was measured, the aim of each line, and whether it is reached.

use std::fmt::Write;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) ours: f64,
    /// Where there was a peer.
    pub(crate) peer: Option<f64>,
    pub(crate) unit: &'static str,
    pub(crate) aim: Aim,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aim {
    /// At most one part in so many of the peer's.
    PartOfPeer(f64),
    /// At most this, in the line's unit.
    AtMost(f64),
}

/// Whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Reached,
    Missed,
    /// There was no peer to compare with.
    Unknown,
}

impl Line {
    fn verdict(&self) -> Verdict {
        let limit = match (self.aim, self.peer) {
            (Aim::AtMost(limit), _) => limit,
            (Aim::PartOfPeer(parts), Some(peer)) => peer / parts,
            (Aim::PartOfPeer(_), None) => return Verdict::Unknown,
        };
        match self.ours <= limit {
            true => Verdict::Reached,
            false => Verdict::Missed,
        }
    }

    /// How many times the peer's figure is ours.
    fn ratio(&self) -> Option<f64> {
        let ratio = self.peer? / self.ours;
        ratio.is_finite().then_some(ratio)
    }
}

/// The table in Markdown.
pub(crate) fn markdown(lines: &[Line]) -> String {
    let mut text = String::from(
        "| what | Go peer | this provider | peer ÷ ours | to reach | reached |\n| --- | ---: | ---: | ---: | --- | --- |\n",
    );
    for line in lines {
        let unit = match line.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        let figure = |value: f64| format!("{}{unit}", rounded(value));
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let aim = match line.aim {
            Aim::PartOfPeer(parts) => format!("≤ 1/{} of the peer", rounded(parts)),
            Aim::AtMost(limit) => format!("≤ {}", figure(limit)),
        };
        let verdict = match line.verdict() {
            Verdict::Reached => "yes",
            Verdict::Missed => "**no**",
            Verdict::Unknown => "no peer",
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {aim} | {verdict} |",
            line.what,
            or_dash(line.peer.map(figure)),
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

    fn line(ours: f64, peer: Option<f64>, aim: Aim) -> Line {
        Line {
            what: "plan of 1".to_owned(),
            ours,
            peer,
            unit: "ms",
            aim,
        }
    }

    #[test]
    fn an_aim_is_a_part_of_the_peer_or_a_figure() {
        let part = Aim::PartOfPeer(5.0);
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
        let text = markdown(&[line(1.5, Some(10.04), Aim::PartOfPeer(5.0))]);
        assert!(
            text.ends_with("| plan of 1 | 10.0 ms | 1.50 ms | 6.69 | ≤ 1/5 of the peer | yes |\n")
        );
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
