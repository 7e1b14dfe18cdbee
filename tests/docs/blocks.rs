//! The fenced blocks of a page, and what comments right before them say to the tests.
//!
//! - `<!-- illustration: REASON -->`: no test runs the block.
//! - `<!-- test: new folder -->`: the reader begins in an empty folder. `… with the first block`: in one in
//!   which the page's first block is applied. `… with PAGE`: the first block of that page. `… in a clone`: in a
//!   clone of the project in which everything is built.
//! - `<!-- test: no settings -->`: the reader has set neither `IMMUTA_SEGMENT` nor `IMMUTA_TOKEN`.
//! - `<!-- test: more follows -->`: the next block of HCL belongs to it, and only then is it applied.
//! - `<!-- test: before COMMAND -->`: what happens before, in Immuta or in the reader's shell.
//! - `<!-- test: expect TEXT -->`: what is printed then.
//! - `<!-- test: may warn SUMMARY -->`: some CLIs warn of this. Any other warning must be expected.
//! - `<!-- test: exit CODE -->`: how it ends.
//!
//! A comment `# FILE` in a block's first line (or its second, after `#!`) names the file that it is.

use std::{fs, path::PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{documented, repository};

/// One fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The page, below the repository's root.
    pub(crate) page: PathBuf,
    /// `docs/guides/x.md:42`: the page and the line of the fence.
    pub(crate) place: String,
    /// What stands behind the opening fence.
    pub(crate) language: String,
    /// What is in it.
    pub(crate) text: String,
    /// The heading under which it stands.
    pub(crate) section: String,
    /// Why no test runs it.
    pub(crate) illustration: Option<String>,
    /// What the other comments say, each behind `test: `.
    pub(crate) directives: Vec<String>,
}

/// What a block is, by its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Read by Terraform.
    Hcl,
    Shell,
    /// A workflow of GitHub Actions.
    Workflow,
    /// What the block before it prints.
    Output,
    /// Anything else.
    Other,
}

impl Block {
    /// What it is.
    pub(crate) fn kind(&self) -> Kind {
        match self.language.as_str() {
            "terraform" | "hcl" | "tf" => Kind::Hcl,
            "sh" | "shell" | "bash" => Kind::Shell,
            "yaml" => Kind::Workflow,
            "text" => Kind::Output,
            _ => Kind::Other,
        }
    }

    /// The file that it says it is.
    pub(crate) fn file(&self) -> Option<&str> {
        let mut lines = self.text.lines();
        let first = lines.next()?;
        let line = match first.starts_with("#!") {
            true => lines.next()?,
            false => first,
        };
        let name = line.strip_prefix("# ")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
        let ends = [".tf", ".hcl", ".sh", ".yml", ".yaml"];
        (name.chars().all(plain) && ends.iter().any(|end| name.ends_with(end))).then_some(name)
    }

    /// What the comments with this verb say, in their order.
    pub(crate) fn told<'a>(&'a self, verb: &'a str) -> impl Iterator<Item = &'a str> {
        let rest = move |directive: &'a String| directive.strip_prefix(verb).map(str::trim_start);
        self.directives.iter().filter_map(rest)
    }
}

/// Every fenced block of every page.
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
    let mut directives = Vec::new();
    for (event, range) in Parser::new(&markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                let line = markdown[..range.start].matches('\n').count() + 1;
                blocks.push(Block {
                    page: page.clone(),
                    place: format!("{}:{line}", page.display()),
                    language: language.to_string(),
                    text: String::new(),
                    section: section.clone(),
                    illustration: illustration.take(),
                    directives: std::mem::take(&mut directives),
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
                let comment = html.trim().strip_prefix("<!-- ");
                let comment = comment.and_then(|comment| comment.strip_suffix(" -->"));
                match comment.and_then(|comment| comment.split_once(": ")) {
                    Some(("illustration", reason)) => illustration = Some(reason.to_owned()),
                    Some(("test", directive)) => directives.push(directive.to_owned()),
                    _ => {}
                }
            }
            Event::Start(Tag::Paragraph) => {
                let stray = illustration.take().or_else(|| directives.pop());
                assert_eq!(stray, None, "{}: a comment before no block", page.display());
            }
            _ => {}
        }
    }
    blocks
}
