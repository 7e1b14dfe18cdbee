//! Markdown without its marks, for the front matter.

use pulldown_cmark::{Event, Parser, Tag};

/// The text alone, a line for each paragraph.
pub(super) fn plain(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Start(
                Tag::Paragraph | Tag::Heading { .. } | Tag::List(_) | Tag::CodeBlock(_),
            )
            | Event::SoftBreak
            | Event::HardBreak
                if !text.is_empty() =>
            {
                text.push('\n');
            }
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            _ => {}
        }
    }
    text
}
