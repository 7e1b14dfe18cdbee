//! The segments of Immuta's cloud, and where each is reached.

use std::fmt;
use std::str::FromStr;

use super::config::BaseUrl;

/// A part of Immuta's cloud. A token of one is not known to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// North America.
    Na,
    /// Europe.
    Eu,
    /// Asia and the Pacific.
    Ap,
}

/// The text is no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the segment must be one of \"na\", \"eu\" and \"ap\"")]
pub struct UnknownSegment;

impl Segment {
    /// Every segment, in the order in which messages name them.
    pub const ALL: [Segment; 3] = [Segment::Na, Segment::Eu, Segment::Ap];

    /// The word for it in a host name and in the provider's configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Segment::Na => "na",
            Segment::Eu => "eu",
            Segment::Ap => "ap",
        }
    }

    /// The base URL as text: `https://{segment}.api.immutacloud.com/marketplace`.
    pub fn base_url_text(self) -> String {
        format!("https://{}.api.immutacloud.com/marketplace", self.as_str())
    }

    /// The base URL that the paths of the API are appended to.
    pub fn base_url(self) -> BaseUrl {
        BaseUrl::parse(&self.base_url_text()).expect("the base URL of a segment is one")
    }
}

impl FromStr for Segment {
    type Err = UnknownSegment;

    fn from_str(text: &str) -> Result<Segment, UnknownSegment> {
        Segment::ALL
            .into_iter()
            .find(|segment| segment.as_str() == text)
            .ok_or(UnknownSegment)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_has_its_base_url() {
        for (segment, url) in [
            ("na", "https://na.api.immutacloud.com/marketplace"),
            ("eu", "https://eu.api.immutacloud.com/marketplace"),
            ("ap", "https://ap.api.immutacloud.com/marketplace"),
        ] {
            let segment: Segment = segment.parse().unwrap();
            assert_eq!(segment.base_url().0.as_str(), url);
        }
    }

    #[test]
    fn other_words_are_refused() {
        for word in ["", "NA", "us", "na ", "na.evil.example"] {
            assert_eq!(word.parse::<Segment>(), Err(UnknownSegment), "{word:?}");
        }
    }
}
