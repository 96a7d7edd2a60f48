//! `mqttspec schema`.

use std::io::Write;

use super::Failure;
use crate::exit::Exit;

pub(super) fn schema() -> Result<Exit, Failure> {
    writeln!(anstream::stdout().lock(), "{:#}", mqttspec_script::schema())?;
    Ok(Exit::Expected)
}
