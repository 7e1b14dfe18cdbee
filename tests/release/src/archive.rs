//! The archive of one platform: a zip whose bytes depend on nothing but what is in it and the time
//! that it is given.

use std::io::{Cursor, Write};

use jiff::{Timestamp, tz::TimeZone};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// One file of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its name; the archive has no folders.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// Whether it can be run.
    pub executable: bool,
}

/// How hard to press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all: for tests, which have no time for a large debug binary.
    None,
    /// As far as deflate goes.
    Best,
}

/// The bytes of the zip. The entries stand in the order of their names.
///
/// # Errors
///
/// When the time is before 1980 or after 2107, which a zip cannot say.
pub fn pack(
    entries: &[Entry<'_>],
    time: Timestamp,
    compression: Compression,
) -> Result<Vec<u8>, ZipError> {
    let mut sorted: Vec<_> = entries.to_vec();
    sorted.sort_by_key(|entry| entry.name);
    let options = match compression {
        Compression::None => {
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
        }
        Compression::Best => SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9)),
    }
    .last_modified_time(zip_time(time)?);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in sorted {
        let mode = if entry.executable { 0o755 } else { 0o644 };
        zip.start_file(entry.name, options.unix_permissions(mode))?;
        zip.write_all(entry.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// A zip has two-second steps and no time zone: UTC is meant.
fn zip_time(time: Timestamp) -> Result<DateTime, ZipError> {
    let time = TimeZone::UTC.to_datetime(time);
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    DateTime::from_date_and_time(
        u16::try_from(time.year()).unwrap_or(0),
        part(time.month()),
        part(time.day()),
        part(time.hour()),
        part(time.minute()),
        part(time.second()),
    )
    .map_err(|_| ZipError::InvalidArchive("the time is out of a zip's range".into()))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn time() -> Timestamp {
        "2025-01-02T03:04:06Z".parse().unwrap()
    }

    #[test]
    fn an_archive_is_the_same_whenever_it_is_packed_and_in_whatever_order() {
        let (a, b) = (
            Entry {
                name: "a",
                bytes: b"aaaa",
                executable: true,
            },
            Entry {
                name: "b",
                bytes: b"b",
                executable: false,
            },
        );
        let first = pack(&[a, b], time(), Compression::Best).unwrap();
        let second = pack(&[b, a], time(), Compression::Best).unwrap();
        assert_eq!(first, second);

        let mut read = zip::ZipArchive::new(Cursor::new(first)).unwrap();
        let mut file = read.by_name("a").unwrap();
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        assert_eq!(
            file.last_modified().map(|time| time.to_string()),
            Some("2025-01-02 03:04:06".to_owned())
        );
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"aaaa");
    }

    #[test]
    fn a_time_that_a_zip_cannot_say_is_an_error() {
        assert!(pack(&[], Timestamp::UNIX_EPOCH, Compression::None).is_err());
    }
}
