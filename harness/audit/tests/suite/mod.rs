//! The built-in suite, loaded once.

use std::sync::{Arc, LazyLock};

use mqttspec_script::Suite;
use mqttspec_script::plan::Case;

use crate::registry::REGISTRY;

pub(crate) static CASES: LazyLock<Vec<Arc<Case>>> = LazyLock::new(|| {
    let sets = mqttspec_cases::FILES.iter().find(|(path, _)| *path == "sets.yaml").copied();
    let files = mqttspec_cases::FILES
        .iter()
        .filter(|(path, _)| !["statements/", "profiles/"].iter().any(|folder| path.starts_with(folder)))
        .filter(|(path, _)| *path != "sets.yaml")
        .copied();
    match Suite::load(files, sets, &REGISTRY) {
        Ok(suite) => suite.cases.into_iter().map(Arc::new).collect(),
        Err(diagnostics) => {
            panic!("{}", diagnostics.iter().map(|d| d.render(false)).collect::<Vec<_>>().join("\n"))
        }
    }
});
