//! Dotted paths into the tree: `agents.traders.short_bias`, list items by index or by their `name`.

use super::{Kind, Node};
use crate::sweep::diagnostic::{Fault, Problem, nearest, quoted_list};
use crate::sweep::source::Span;

/// A resolved path: the position to take at each mapping or list on the way down.
///
/// Two spellings of one place (`agents.0.size`, `agents.traders.size`) resolve alike.
pub type Steps = Vec<usize>;

/// Finds the place a dotted path names.
///
/// # Errors
/// A path that leads nowhere, with the nearest one that leads somewhere.
pub fn resolve(root: &Node, path: &str, span: Option<Span>) -> Result<Steps, Fault> {
    let mut steps = Steps::new();
    let mut node = root;
    let mut walked = 0;
    for segment in path.split('.') {
        let Some((position, child)) = child(node, segment) else {
            let help = Some(help(root, node, path, &path[..walked]));
            return Err(Problem::NoSuchPath {
                path: path.to_owned(),
                help,
            }
            .at(span));
        };
        steps.push(position);
        node = child;
        walked += segment.len() + 1;
    }
    Ok(steps)
}

/// Replaces the value at a resolved path; steps that do not fit the tree change nothing.
pub fn set(root: &mut Node, steps: &[usize], value: Node) {
    if let Some(place) = steps.iter().try_fold(root, |node, &step| match &mut node.kind {
        Kind::Map(entries) => entries.get_mut(step).map(|(_, child)| child),
        Kind::List(items) => items.get_mut(step),
        _ => None,
    }) {
        *place = value;
    }
}

/// The value at a resolved path.
pub fn at<'a>(root: &'a Node, steps: &[usize]) -> Option<&'a Node> {
    steps.iter().try_fold(root, |node, &step| match &node.kind {
        Kind::Map(entries) => entries.get(step).map(|(_, child)| child),
        Kind::List(items) => items.get(step),
        _ => None,
    })
}

fn child<'a>(node: &'a Node, segment: &str) -> Option<(usize, &'a Node)> {
    match &node.kind {
        Kind::Map(entries) => {
            let position = entries.iter().position(|(key, _)| key.name == segment)?;
            Some((position, &entries[position].1))
        }
        Kind::List(items) => {
            let by_name = items.iter().position(|item| item_name(item) == Some(segment));
            let position = by_name.or_else(|| segment.parse().ok())?;
            Some((position, items.get(position)?))
        }
        _ => None,
    }
}

fn item_name(item: &Node) -> Option<&str> {
    match &item.get("name")?.kind {
        Kind::Text(name) => Some(name),
        _ => None,
    }
}

/// Where the path was probably meant to lead: to a child of similar name, or to the same name elsewhere; otherwise
/// what there is where it stops making sense.
fn help(root: &Node, stopped_at: &Node, path: &str, walked: &str) -> String {
    let mut children = Vec::new();
    each_child(stopped_at, |name, _| children.push(name));
    let segment = path[walked.len()..].split('.').next().unwrap_or_default();
    if let Some(near) = nearest(segment, children.iter().map(String::as_str)) {
        let rest = &path[walked.len() + segment.len()..];
        let whole = format!("{walked}{near}{rest}");
        let near = if resolve(root, &whole, None).is_ok() {
            whole
        } else {
            format!("{walked}{near}")
        };
        return format!("did you mean `{near}`?");
    }
    let mut known = Vec::new();
    collect(root, "", &mut known);
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    let same_name = known
        .iter()
        .map(String::as_str)
        .filter(|known| last(known) == last(path));
    let astray = children.is_empty() || walked.is_empty();
    if let Some(near) = nearest(path, same_name).filter(|_| astray) {
        return format!("did you mean `{near}`?");
    }
    let place = match walked.trim_end_matches('.') {
        "" => "the scenario".to_owned(),
        walked => format!("`{walked}`"),
    };
    match &stopped_at.kind {
        Kind::Null => format!("{place} is not set in the scenario; give it a value there first"),
        Kind::Map(_) | Kind::List(_) => format!("{place} has {}", quoted_list(&children)),
        _ => format!("{place} is {} and has nothing inside", stopped_at.describe()),
    }
}

fn collect(node: &Node, prefix: &str, paths: &mut Vec<String>) {
    each_child(node, |name, child| {
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}.{name}")
        };
        collect(child, &path, paths);
        paths.push(path);
    });
}

fn each_child(node: &Node, mut visit: impl FnMut(String, &Node)) {
    match &node.kind {
        Kind::Map(entries) => entries
            .iter()
            .for_each(|(key, child)| visit(key.name.clone(), child)),
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item_name(item).map_or_else(|| index.to_string(), str::to_owned);
                visit(name, item);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::source::Sources;
    use crate::sweep::tree::parse;

    fn tree() -> Node {
        let mut sources = Sources::default();
        let source = sources.add(
            "test",
            "a: {b: 1}\nlist: [{name: x, v: 1}, {name: '0', v: 2}, 7]\n",
        );
        parse(&sources, source).unwrap()
    }

    fn value(path: &str) -> Option<String> {
        let tree = tree();
        let steps = resolve(&tree, path, None).ok()?;
        at(&tree, &steps).map(Node::describe)
    }

    #[test]
    fn items_are_found_by_index_and_name_and_names_come_first() {
        let number = |n: u8| Some(format!("the number `{n}`"));
        assert_eq!(value("a.b"), number(1));
        assert_eq!(value("list.x.v"), number(1));
        assert_eq!(value("list.1.v"), number(2));
        assert_eq!(value("list.0.v"), number(2), "an item is called `0`");
        assert_eq!(value("list.2"), number(7));
        for nowhere in ["", "a.", ".a", "a.b.c", "list.3", "list.-1", "b"] {
            assert_eq!(value(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn a_value_is_set_where_the_path_leads() {
        let mut tree = tree();
        let steps = resolve(&tree, "list.x.v", None).unwrap();
        set(&mut tree, &steps, Node::new(Kind::Bool(true)));
        assert_eq!(at(&tree, &steps).unwrap().describe(), "`true`");
        assert_eq!(tree.get("a"), self::tree().get("a"));
        let before = tree.clone();
        set(&mut tree, &[9, 9], Node::new(Kind::Null));
        assert_eq!(tree, before, "steps that do not fit change nothing");
    }
}
