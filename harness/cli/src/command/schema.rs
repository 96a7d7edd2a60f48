//! `mqttspec schema`.

use std::io::Write;

use super::Failure;
use crate::arguments::SchemaArguments;
use crate::exit::Exit;

pub(super) fn schema(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let schema = match arguments.kind.as_str() {
        "profile" => mqttspec_script::profile_schema(),
        _ => mqttspec_script::schema(),
    };
    writeln!(anstream::stdout().lock(), "{schema:#}")?;
    Ok(Exit::Expected)
}
