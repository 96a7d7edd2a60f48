//! The register of statements, loaded once.

use std::sync::{Arc, LazyLock};

use mqttspec_spec::Registry;

pub(crate) static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let registers = mqttspec_cases::FILES.iter().filter(|(path, _)| path.starts_with("statements/"));
    Arc::new(Registry::read(registers.copied()).unwrap())
});
