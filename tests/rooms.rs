//! Imports run one way: main → provider → {tfplugin, immuta}, main → plugin → tfplugin.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

/// What each room may import of the others.
const MAY_IMPORT: [(&str, &[&str]); 4] = [
    ("immuta", &[]),
    ("tfplugin", &[]),
    ("plugin", &["tfplugin"]),
    ("provider", &["immuta", "tfplugin"]),
];

#[test]
fn imports_run_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (room, allowed) in MAY_IMPORT {
        each_source(&src.join(room), &mut |path, text| {
            for imported in imported_rooms(text) {
                seen += 1;
                if imported != room && !allowed.contains(&imported) {
                    wrong.push(format!("{} imports {imported}", path.display()));
                }
            }
        });
    }
    assert!(
        seen > 20,
        "the test found only {seen} imports: does it still understand the sources?"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_import_in_any_form_is_seen() {
    let text = "use crate::immuta::Error;\nuse crate::{\n    plugin::run,\n    tfplugin::{a::b, c},\n    provider,\n};\nlet x = crate::provider::y();";
    let mut rooms: Vec<_> = imported_rooms(text).collect();
    rooms.sort_unstable();
    assert_eq!(
        rooms,
        ["immuta", "plugin", "provider", "provider", "tfplugin"]
    );
}

fn each_source(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_source(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The rooms that follow a `crate::`, alone or at the outer level of a group.
fn imported_rooms(text: &str) -> impl Iterator<Item = &'static str> {
    text.split("crate::")
        .skip(1)
        .flat_map(|after| match after.strip_prefix('{') {
            Some(group) => outer_names(group),
            None => vec![first_name(after)],
        })
        .filter_map(|name| {
            MAY_IMPORT
                .iter()
                .map(|(room, _)| *room)
                .find(|room| *room == name)
        })
}

fn outer_names(group: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (position, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(first_name(&group[start..position]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(first_name(&group[start..position]));
                start = position + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    &path[..end.unwrap_or(path.len())]
}
