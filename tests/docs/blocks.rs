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
    for (event, range) in Parser::new(&markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                let line = markdown[..range.start].matches('\n').count() + 1;
                blocks.push(Block {
                    place: format!("{}:{line}", page.display()),
                    language: language.to_string(),
                    text: String::new(),
                });
                inside = true;
            }
            Event::Text(text) if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            _ => {}
        }
    }
    blocks
}
