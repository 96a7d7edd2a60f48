//! Which Topic Filter matches which Topic Name (4.7), written anew so that a mistake of the broker's own
//! matching shows.

/// The ShareName and the filter behind it, where a filter is that of a Shared Subscription (4.8.2).
pub(crate) fn share(filter: &str) -> Option<(&str, &str)> {
    filter.strip_prefix("$share/")?.split_once('/')
}

/// Whether a filter without ShareName matches a topic.
pub(crate) fn matches(filter: &str, topic: &str) -> bool {
    let hidden = topic.starts_with('$') && filter.starts_with(['#', '+']);
    let filter: Vec<_> = filter.split('/').collect();
    let topic: Vec<_> = topic.split('/').collect();
    !hidden && levels_match(&filter, &topic)
}

fn levels_match(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        (["#"], _) | ([], []) => true,
        (["+", filter @ ..], [_, topic @ ..]) => levels_match(filter, topic),
        ([level, filter @ ..], [name, topic @ ..]) => level == name && levels_match(filter, topic),
        _ => false,
    }
}
