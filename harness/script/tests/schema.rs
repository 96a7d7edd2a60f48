//! The JSON Schema that is committed is the one that the tables make. `UPDATE_SCHEMA=1 cargo test` writes it.

use std::path::Path;

#[test]
fn the_committed_schema_is_the_one_that_the_tables_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/schema/case.schema.json");
    let made = format!("{:#}\n", mqttspec_script::schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "cases/schema/case.schema.json is old: UPDATE_SCHEMA=1 cargo test -p mqttspec-script"
    );
}
