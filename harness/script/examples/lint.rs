use mqttspec_script::Suite;
use std::fs;
fn walk(d: &std::path::Path, out: &mut Vec<(String, String)>, root: &std::path::Path) {
    for e in fs::read_dir(d).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            if !["statements", "schema", "profiles", "src"]
                .contains(&p.file_name().unwrap().to_str().unwrap())
            {
                walk(&p, out, root);
            }
        } else if p.extension().is_some_and(|x| x == "yaml") && p.file_name().unwrap() != "sets.yaml" {
            out.push((
                p.strip_prefix(root).unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(&p).unwrap(),
            ));
        }
    }
}
fn main() {
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or("cases".into()));
    let a = fs::read_to_string("cases/statements/mqtt-3.1.1.yaml").unwrap();
    let b = fs::read_to_string("cases/statements/mqtt-5.0.yaml").unwrap();
    let reg = mqttspec_spec::Registry::read([("a", a.as_str()), ("b", b.as_str())]).unwrap();
    let mut files = vec![];
    walk(&root, &mut files, &root);
    files.sort();
    let sets = fs::read_to_string(root.join("sets.yaml")).ok().map(|t| ("sets.yaml".to_string(), t));
    let t = std::time::Instant::now();
    match Suite::load(files, sets, &reg) {
        Ok(s) => {
            println!("{} cases in {:?}", s.cases.len(), t.elapsed());
            if std::env::args().nth(2).is_some() {
                for c in &s.cases {
                    println!("{} {} {}", c.version, c.id, c.digest);
                }
            }
        }
        Err(ds) => {
            for d in &ds {
                println!("{}\n", d.render(true));
            }
            println!("{} errors", ds.len());
        }
    }
}
