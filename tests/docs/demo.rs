//! The demo as the pages show it.

use std::{fs, path::PathBuf};

use crate::{blocks, repository};

/// The picture of the demo and the guide's text are of one run.
pub(crate) fn the_picture_shows_the_text() {
    let picture = fs::read_to_string(repository().join("tests/demo/demo.svg"));
    let picture = picture.expect("there is a picture: make picture");
    let (_, drawn) = picture.split_once("<text ").expect("there is text in it");
    let drawn: String = drawn
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    let drawn = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(drawn, |text, (from, to)| text.replace(from, to));
    let lines = |text: &str| {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let told = blocks::of_page(PathBuf::from("docs/guides/try-it-with-the-simulator.md"))
        .into_iter()
        .find(|block| block.section == "The demo as text")
        .expect("the guide shows the demo as text");
    assert!(told.text.contains("Every step did what it says"));
    assert_eq!(lines(&drawn), lines(&told.text), "make picture");
}
