use super::*;

fn parse(json: &str) -> Result<Type, TypeError> {
    Type::from_json(json.as_bytes())
}

#[test]
fn json_form() {
    for json in [
        r#""bool""#,
        r#""number""#,
        r#""string""#,
        r#""dynamic""#,
        r#"["list","string"]"#,
        r#"["set",["map","number"]]"#,
        r#"["tuple",["bool",["tuple",[]]]]"#,
        r#"["object",{"a":"string","b":["object",{}]}]"#,
    ] {
        let ty = parse(json).unwrap();
        assert_eq!(String::from_utf8(ty.to_json()).unwrap(), json);
    }
}

#[test]
fn attributes_are_sorted() {
    let ty = parse(r#"["object",{"b":"bool","a":"string"},["b"]]"#).unwrap();
    assert_eq!(ty.to_json(), br#"["object",{"a":"string","b":"bool"}]"#);
    let Type::Object(object) = ty else {
        panic!("no object")
    };
    assert_eq!(object.get("b"), Some(&Type::Bool));
    assert_eq!(object.get("c"), None);
}

#[test]
fn what_is_no_type() {
    for json in [
        "",
        "1",
        "{}",
        "[]",
        r#""int""#,
        r#"["list"]"#,
        r#"["list","string","x"]"#,
        r#"["object",{"a":"string","a":"bool"}]"#,
        r#"["object",{},["a"],1]"#,
        r#"["object",["a"]]"#,
        r#"["tuple",{}]"#,
        r#"["option","string"]"#,
        r#""string" x"#,
    ] {
        assert!(parse(json).is_err(), "{json}");
    }
}
