//! What every chart must be.

use maud::Render;

/// The markup of a chart, which is well-formed XML, has a picture with role, title and description, and numbers
/// that are numbers.
///
/// # Panics
/// If it is not.
pub fn well_formed(chart: &impl Render) -> String {
    let text = chart.render().into_string();
    let mut open = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare > in {}", &rest[..start]);
        let end = rest[start..].find('>').expect("an unclosed tag") + start;
        let tag = &rest[start + 1..end];
        assert!(
            !tag.contains('<') && tag.matches('"').count().is_multiple_of(2),
            "{tag}"
        );
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "in {text}"),
            None => open.push(tag.split_whitespace().next().unwrap_or_default()),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?} left open");
    for ampersand in text.split('&').skip(1) {
        let entity = ampersand.split(';').next().unwrap_or_default();
        assert!(["amp", "lt", "gt", "quot"].contains(&entity), "&{entity}");
    }
    for needed in ["role=\"img\"", "<title>", "<desc>", "viewBox"] {
        assert!(text.contains(needed), "no {needed}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    text
}
