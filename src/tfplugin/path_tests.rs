use proptest::prelude::*;

use super::*;

#[test]
fn display() {
    let path = Path::attribute("retry")
        .child_attribute("codes")
        .child_index(0)
        .child(Step::Key("a \"b\"".to_owned()));
    assert_eq!(path.to_string(), r#"retry.codes[0]["a \"b\""]"#);
    assert_eq!(Path::root().to_string(), "");
    assert!(Path::root().is_root());
}

#[test]
fn wire_form() {
    let path = Path::attribute("a")
        .child(Step::Key("k".to_owned()))
        .child_index(3);
    let selectors: Vec<_> = AttributePath::from(&path)
        .steps
        .into_iter()
        .filter_map(|step| step.selector)
        .collect();
    assert_eq!(
        selectors,
        [
            Selector::AttributeName("a".to_owned()),
            Selector::ElementKeyString("k".to_owned()),
            Selector::ElementKeyInt(3),
        ]
    );
}

fn any_path() -> impl Strategy<Value = Path> {
    let step = prop_oneof![
        "[a-z_]{1,6}".prop_map(|name| Step::Attribute(name.into())),
        any::<String>().prop_map(Step::Key),
        any::<i64>().prop_map(Step::Index),
    ];
    proptest::collection::vec(step, 0..6).prop_map(Path::from)
}

proptest! {
    #[test]
    fn each_path_has_its_own_text_and_wire_form(a in any_path(), b in any_path()) {
        prop_assert_eq!(a == b, a.to_string() == b.to_string());
        prop_assert_eq!(a == b, AttributePath::from(&a) == AttributePath::from(&b));
    }
}
