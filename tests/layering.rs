//! Imports run one way between the modules of `src/` (main → provider → {tfplugin, immuta}, main → plugin →
//! tfplugin), and in no circle among the files of one.
//!
//! What counts as an import: every `use` and every path in the code that leads to another file, outside of
//! `#[cfg(test)]`. A re-export is followed to the file that it is of, so the `mod.rs` that has it counts only by
//! what it uses itself.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What each module may import of the others.
const MAY_IMPORT: [(&str, &[&str]); 4] = [
    ("immuta", &[]),
    ("tfplugin", &[]),
    ("plugin", &["tfplugin"]),
    ("provider", &["immuta", "tfplugin"]),
];

#[test]
fn imports_run_one_way() {
    let files = Files::of_src();
    let imports = files.imports();
    let seen: usize = imports.values().map(BTreeSet::len).sum();
    assert!(
        seen > 200,
        "only {seen} imports were found: are the sources still understood?"
    );
    assert_eq!(wrong_way(&imports), Vec::<String>::new());
}

#[test]
fn no_circle_in_tfplugin() {
    assert_no_circle("tfplugin");
}

#[test]
fn no_circle_in_plugin() {
    assert_no_circle("plugin");
}

#[test]
fn no_circle_in_provider() {
    assert_no_circle("provider");
}

#[test]
fn no_circle_in_immuta() {
    assert_no_circle("immuta");
}

fn assert_no_circle(module: &str) {
    let circle = circle(&Files::of_src().imports(), module);
    assert_eq!(circle, None, "files that import each other in a circle");
}

fn planted(sources: &[(&str, &str)]) -> Imports {
    let texts = sources.iter();
    let texts = texts.map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
    Files::parse(&texts.collect()).imports()
}

fn circle_in_a(sources: &[(&str, &str)]) -> Option<String> {
    let files = circle(&planted(sources), "a")?;
    let names: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Some(names.join(" → "))
}

#[test]
fn a_planted_import_the_wrong_way_is_found_in_any_form() {
    for text in [
        "use crate::provider::X;",
        "use crate::{immuta::Y, provider::{X, Z as W}};",
        "use super::super::provider::X;",
        "fn f() { crate::provider::x(); }",
        "fn f() { call!(crate::provider::x()); }",
        "use super::b; fn f() { b::x(); }",
        "#[error(\"{}\", crate::provider::X)] struct E;",
        "pub use crate::provider::X;",
    ] {
        let imports = planted(&[
            ("immuta/mod.rs", "mod a; mod b;"),
            ("immuta/a.rs", text),
            ("immuta/b.rs", "pub(super) use crate::provider::x;"),
            ("provider/mod.rs", "pub struct X; pub fn x() {}"),
        ]);
        let wrong = wrong_way(&imports);
        assert!(
            wrong.contains(&"immuta/a.rs imports provider/mod.rs".to_owned()),
            "{text}: {wrong:?}"
        );
    }
}

#[test]
fn what_is_no_import_is_not_found() {
    for text in [
        "//! crate::provider::X\n/* crate::provider::X */ const X: &str = \"crate::provider::X\";",
        "#[cfg(test)] mod tests { use crate::provider::X; }",
        "#[cfg(test)] use crate::provider::{X};\nfn f() {}",
        "#[cfg(all(test, unix))] fn f() { crate::provider::x(); }",
        "pub(in crate::provider) struct X;",
        "use provider::X;",
    ] {
        let imports = planted(&[("immuta/a.rs", text), ("provider/mod.rs", "pub struct X;")]);
        assert_eq!(wrong_way(&imports), Vec::<String>::new(), "{text}");
    }
    let tests = planted(&[
        (
            "immuta/a.rs",
            "#[cfg(test)] #[path = \"a_tests.rs\"] mod tests;",
        ),
        ("immuta/a_tests.rs", "use crate::provider::X;"),
        ("immuta/mod.rs", "mod a; #[cfg(test)] mod testing;"),
        ("immuta/testing/mod.rs", "use crate::provider::X;"),
        ("provider/mod.rs", "pub struct X;"),
    ]);
    assert_eq!(wrong_way(&tests), Vec::<String>::new());
}

#[test]
fn a_planted_circle_is_found() {
    let two = [
        ("a/mod.rs", "mod x; mod y;"),
        ("a/x.rs", "use super::y::Y;"),
        ("a/y.rs", "fn f() { super::x::f(); }"),
    ];
    assert_eq!(
        circle_in_a(&two).as_deref(),
        Some("a/x.rs → a/y.rs → a/x.rs")
    );
    let over_reexports = [
        (
            "a/mod.rs",
            "mod x; mod y; mod z; pub use self::{x::X, y::{Y}};",
        ),
        ("a/x.rs", "use crate::a::Y;"),
        ("a/y.rs", "use super::z;"),
        ("a/z.rs", "fn f() { crate::a::X::f(); }"),
    ];
    assert_eq!(
        circle_in_a(&over_reexports).as_deref(),
        Some("a/x.rs → a/y.rs → a/z.rs → a/x.rs")
    );
    let of_parent_and_child = [
        (
            "a/mod.rs",
            "mod x; pub use x::f; pub struct A; fn g() { f(); }",
        ),
        ("a/x.rs", "use super::A; pub fn f() {}"),
    ];
    assert_eq!(
        circle_in_a(&of_parent_and_child).as_deref(),
        Some("a/mod.rs → a/x.rs → a/mod.rs")
    );
    let over_a_module = [
        ("a/mod.rs", "mod x; mod b;"),
        ("a/x.rs", "use super::b; fn f() { b::B::f(); }"),
        ("a/b/mod.rs", "mod inner; pub use inner::B;"),
        ("a/b/inner.rs", "use crate::a::x::X; pub struct B;"),
    ];
    assert_eq!(
        circle_in_a(&over_a_module).as_deref(),
        Some("a/b/inner.rs → a/x.rs → a/b/inner.rs")
    );
}

#[test]
fn a_parent_that_only_declares_and_reexports_is_in_no_circle() {
    let sources = [
        (
            "a/mod.rs",
            "mod x; mod y; pub use self::{x::X, y::Y}; pub struct A;",
        ),
        ("a/x.rs", "use super::{A, Y};"),
        ("a/y.rs", "use super::*;"),
    ];
    assert_eq!(circle_in_a(&sources), None);
}

/// Every import from one top-level module to another that may not be.
fn wrong_way(imports: &Imports) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, to) in imports {
        let importer = top(from);
        let allowed = MAY_IMPORT.iter().find(|(module, _)| *module == importer);
        for to in to {
            let imported = top(to);
            let fine = allowed
                .is_none_or(|(_, allowed)| imported == importer || allowed.contains(&imported));
            if !fine {
                wrong.push(format!("{} imports {}", from.display(), to.display()));
            }
        }
    }
    wrong
}

/// A circle of files in a module, as it is walked.
fn circle(imports: &Imports, module: &str) -> Option<Vec<PathBuf>> {
    fn walk(
        file: &Path,
        imports: &Imports,
        on_the_way: &mut Vec<PathBuf>,
        done: &mut BTreeSet<PathBuf>,
    ) -> Option<Vec<PathBuf>> {
        if let Some(start) = on_the_way.iter().position(|passed| passed == file) {
            return Some([&on_the_way[start..], &[file.to_owned()]].concat());
        }
        if !done.insert(file.to_owned()) {
            return None;
        }
        on_the_way.push(file.to_owned());
        let next = imports.get(file).into_iter().flatten();
        let same_module = next.filter(|next| top(next) == top(file));
        let found = same_module
            .into_iter()
            .find_map(|next| walk(next, imports, on_the_way, done));
        on_the_way.pop();
        found
    }
    let mut done = BTreeSet::new();
    imports
        .keys()
        .filter(|file| top(file) == module)
        .find_map(|file| walk(file, imports, &mut Vec::new(), &mut done))
}

/// The top-level module of a file: `tfplugin` for `tfplugin/value/mod.rs`.
fn top(file: &Path) -> &str {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The files of `src/` that each file imports.
type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// A path such as `tfplugin::value::Value`, from the root of the crate.
type Names = Vec<String>;

/// The library's files, by module.
struct Files(BTreeMap<Names, File>);

/// What matters of a file.
struct File {
    path: PathBuf,
    /// What its `use` declarations bring in, by the name that it has here; `*` for all that is there.
    uses: Vec<Use>,
    /// The paths in its code.
    paths: BTreeSet<Names>,
    /// The words in its code.
    words: BTreeSet<String>,
}

struct Use {
    name: String,
    of: Names,
    reexported: bool,
}

impl Files {
    fn of_src() -> Self {
        fn read(folder: &Path, from: &Path, texts: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path, from, texts);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(from).unwrap().to_owned();
                    texts.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut texts = BTreeMap::new();
        read(&src, &src, &mut texts);
        // The program is another crate, which can import nothing but what the library shows.
        texts.remove(Path::new("main.rs"));
        Self::parse(&texts)
    }

    fn parse(texts: &BTreeMap<PathBuf, String>) -> Self {
        let mut files = BTreeMap::new();
        let mut tests = BTreeSet::new();
        for (path, text) in texts {
            let mut parser = Parser {
                folder: path.parent().unwrap(),
                file: File {
                    path: path.clone(),
                    uses: Vec::new(),
                    paths: BTreeSet::new(),
                    words: BTreeSet::new(),
                },
                tests: &mut tests,
            };
            parser.tokens(text.parse().unwrap());
            files.insert(module(path), parser.file);
        }
        let is_test = |file: &File| tests.iter().any(|test| file.path.starts_with(test));
        files.retain(|_, file| !is_test(file));
        Self(files)
    }

    fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (module, file) in &self.0 {
            let mut imported = BTreeSet::new();
            for used in &file.uses {
                let of = self.absolute(module, file, &used.of);
                let of_a_child = of.as_ref().is_some_and(|of| of.starts_with(module));
                if !used.reexported || !of_a_child || file.words.contains(&used.name) {
                    imported.extend(of.and_then(|of| self.file_of(&of)));
                }
            }
            for path in &file.paths {
                let of = self.absolute(module, file, path);
                imported.extend(of.and_then(|of| self.file_of(&of)));
            }
            imported.remove(&file.path);
            imports.insert(file.path.clone(), imported);
        }
        imports
    }

    /// A path as a file has it, from the root of the crate; none if it leads into another crate.
    fn absolute(&self, module: &Names, file: &File, path: &Names) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let mut start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => {
                let mut start = module.clone();
                start.pop()?;
                let further = rest.iter().take_while(|name| *name == "super").count();
                start.truncate(start.len().checked_sub(further)?);
                start.extend_from_slice(&rest[further..]);
                return Some(start);
            }
            name => {
                let child: Names = module.iter().cloned().chain([name.to_owned()]).collect();
                match file.uses.iter().find(|used| used.name == name) {
                    _ if self.0.contains_key(&child) => child,
                    // What it is a name for may itself begin with a name; `use x::{self}` is no such.
                    Some(used) if used.of.first() != Some(first) => {
                        self.absolute(module, file, &used.of)?
                    }
                    _ => return None,
                }
            }
        };
        start.extend_from_slice(rest);
        Some(start)
    }

    /// The file that has what a path from the root names, re-exports followed.
    fn file_of(&self, path: &Names) -> Option<PathBuf> {
        let known = (0..=path.len())
            .rev()
            .find(|length| self.0.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(known);
        let file = &self.0[module];
        let reexport = rest.first().and_then(|name| {
            let found = file.uses.iter().filter(|used| used.reexported);
            found.into_iter().find(|used| used.name == *name)
        });
        match reexport {
            Some(used) => {
                let mut of = self.absolute(&module.to_vec(), file, &used.of)?;
                of.extend_from_slice(&rest[1..]);
                self.file_of(&of)
            }
            None => Some(file.path.clone()),
        }
    }
}

/// The module that a file is: `tfplugin::value` for `tfplugin/value/mod.rs`.
fn module(file: &Path) -> Names {
    let mut names: Names = file
        .with_extension("")
        .iter()
        .map(|name| name.to_str().unwrap().to_owned())
        .collect();
    if matches!(names.last().map(String::as_str), Some("mod" | "lib")) {
        names.pop();
    }
    names
}

/// Reads one file.
struct Parser<'a> {
    folder: &'a Path,
    file: File,
    /// Files and folders that only tests declare.
    tests: &'a mut BTreeSet<PathBuf>,
}

impl Parser<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut is_public = false;
        while let Some((token, after)) = rest.split_first() {
            let mut next = after;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    next = self.attribute(after);
                }
                TokenTree::Ident(word) if word == "pub" => {
                    is_public = true;
                    if let Some(TokenTree::Group(group)) = after.first()
                        && is_restriction(group.stream())
                    {
                        next = &after[1..];
                    }
                }
                TokenTree::Ident(word) if word == "use" && starts_path(after) => {
                    let end = end_of_item(after);
                    self.use_tree(&after[..end - 1], &Vec::new(), is_public);
                    next = &after[end..];
                    is_public = false;
                }
                TokenTree::Ident(word) => {
                    let (path, length) = path_at(rest);
                    next = &rest[length..];
                    if length > 1 {
                        self.file.paths.insert(path);
                    }
                    self.file.words.insert(word.to_string());
                    is_public = false;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            rest = next;
        }
    }

    /// What follows an attribute; behind the item that it belongs to, if that is for tests alone.
    fn attribute<'t>(&mut self, after: &'t [TokenTree]) -> &'t [TokenTree] {
        let [TokenTree::Group(attribute), item @ ..] = after else {
            return after;
        };
        let text = attribute.stream().to_string().replace(' ', "");
        if !text.starts_with("cfg(test)") && !text.starts_with("cfg(all(test,") {
            self.tokens(attribute.stream());
            return item;
        }
        let end = end_of_item(item);
        self.note_test_files(&item[..end]);
        &item[end..]
    }

    /// `mod x;`, perhaps with a `#[path = "…"]`, names files that are for tests alone.
    fn note_test_files(&mut self, item: &[TokenTree]) {
        let words: Vec<_> = item.iter().map(ToString::to_string).collect();
        let path = item.iter().find_map(|token| match token {
            TokenTree::Group(group) => {
                let text = group.stream().to_string();
                Some(
                    text.strip_prefix("path = \"")?
                        .strip_suffix('"')?
                        .to_owned(),
                )
            }
            _ => None,
        });
        if let [.., keyword, name, end] = words.as_slice()
            && keyword == "mod"
            && end == ";"
        {
            let in_own_folder = self.file.path.file_stem().unwrap();
            let folder = match in_own_folder.to_str().unwrap() {
                "mod" | "lib" => self.folder.to_owned(),
                own => self.folder.join(own),
            };
            match path {
                Some(path) => self.tests.insert(self.folder.join(path)),
                None => {
                    self.tests.insert(folder.join(name));
                    self.tests.insert(folder.join(format!("{name}.rs")))
                }
            };
        }
    }

    /// The leaves of `a::{b, c as d}`.
    fn use_tree(&mut self, tree: &[TokenTree], before: &Names, is_public: bool) {
        let (mut path, length) = path_at(tree);
        path.splice(0..0, before.iter().cloned());
        let mut add = |name: String, of: Names| {
            self.file.uses.push(Use {
                name,
                of,
                reexported: is_public,
            });
        };
        match &tree[length..] {
            [TokenTree::Group(group)] => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| token.to_string() == ",";
                for branch in inner.split(is_comma).filter(|branch| !branch.is_empty()) {
                    self.use_tree(branch, &path, is_public);
                }
            }
            [TokenTree::Punct(_)] => add("*".to_owned(), path),
            rest => {
                if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                    path.pop();
                }
                let renamed = rest.last().map(ToString::to_string);
                let name = renamed.or_else(|| path.last().cloned()).unwrap();
                add(name, path);
            }
        }
    }
}

/// Whether this is what stands in the parentheses of a `pub(…)`.
fn is_restriction(tokens: TokenStream) -> bool {
    let first = tokens.into_iter().next().map(|token| token.to_string());
    matches!(first.as_deref(), Some("crate" | "in" | "self" | "super"))
}

/// Whether a path or a group follows, as after the `use` of a declaration.
fn starts_path(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens.first(),
        Some(TokenTree::Ident(_) | TokenTree::Group(_))
    )
}

/// The names of the path at the start, and how many tokens they take, a last `::` included.
fn path_at(tokens: &[TokenTree]) -> (Names, usize) {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut names = Vec::new();
    let mut length = 0;
    while let Some(TokenTree::Ident(name)) = tokens.get(length) {
        names.push(name.to_string());
        length += 1;
        if !is_colon(tokens.get(length)) || !is_colon(tokens.get(length + 1)) {
            break;
        }
        length += 2;
    }
    (names, length)
}

/// How many tokens an item takes: up to its `;` or its braces.
fn end_of_item(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    // The braces of a `use` are not its end.
    let is_use = tokens.iter().take_while(|token| !is_end(token)).count();
    let end = tokens[is_use..]
        .iter()
        .position(|token| token.to_string() == ";");
    match (tokens.get(is_use), end) {
        (Some(TokenTree::Group(_)), Some(1)) => is_use + 2,
        _ => (is_use + 1).min(tokens.len()),
    }
}
