//! The fenced blocks of a page.

use std::{fs, path::PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{documented, repository};

/// One fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// `docs/guides/x.md:42`: the page, below the repository's root, and the line of the fence.
    pub(crate) place: String,
    /// What stands behind the opening fence.
    pub(crate) language: String,
    /// What is in it.
    pub(crate) text: String,
    /// The heading under which it stands.
    pub(crate) section: String,
    /// Why no test runs it, by the comment `<!-- illustration: … -->` right before it.
    pub(crate) illustration: Option<String>,
}

/// Every fenced block of `docs/` and the README.
pub(crate) fn all() -> Vec<Block> {
    documented().into_iter().flat_map(of_page).collect()
}

/// The fenced blocks of one page, by its path below the repository's root.
pub(crate) fn of_page(page: PathBuf) -> Vec<Block> {
    let markdown = fs::read_to_string(repository().join(&page))
        .unwrap_or_else(|cause| panic!("{}: {cause}", page.display()));
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    let mut in_heading = false;
    let mut section = String::new();
    let mut illustration = None;
    for (event, range) in Parser::new(&markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                let line = markdown[..range.start].matches('\n').count() + 1;
                blocks.push(Block {
                    place: format!("{}:{line}", page.display()),
                    language: language.to_string(),
                    text: String::new(),
                    section: section.clone(),
                    illustration: illustration.take(),
                });
                inside = true;
            }
            Event::Text(text) if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Start(Tag::Heading { .. }) => {
                section.clear();
                in_heading = true;
            }
            Event::Text(text) | Event::Code(text) if in_heading => section.push_str(&text),
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Html(html) => {
                let reason = html.trim().strip_prefix("<!-- illustration: ");
                let reason = reason.and_then(|reason| reason.strip_suffix(" -->"));
                illustration = reason.map(str::to_owned);
            }
            Event::Start(Tag::Paragraph) => illustration = None,
            _ => {}
        }
    }
    blocks
}
