//! The example in docs/case-language.md is a case file without fault.

use mqttspec_script::{Suite, format};
use mqttspec_spec::Registry;

#[test]
fn the_example_is_without_fault() {
    let document = include_str!("../../../docs/case-language.md");
    let example =
        document.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    let files = [
        ("mqtt-3.1.1.yaml", include_str!("../../../cases/statements/mqtt-3.1.1.yaml")),
        ("mqtt-5.0.yaml", include_str!("../../../cases/statements/mqtt-5.0.yaml")),
    ];
    let registry = Registry::read(files).map_err(|error| error.to_string());
    let registry = registry.as_ref();
    let Ok(registry) = registry else { panic!("{registry:?}") };
    match Suite::load([("folder/file.yaml", example)], None, registry) {
        Ok(suite) => assert_eq!(suite.cases.len(), 9),
        Err(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
            panic!("{}", all.join("\n"));
        }
    }
    let formatted = format("folder/file.yaml", example);
    assert_eq!(formatted.as_deref(), Ok(example));
}
