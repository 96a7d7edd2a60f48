//! The command line.

use mqttspec_codec::Citation;

use crate::fault::Fault;

/// What the broker is to do.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// The port of the loopback interface to serve at.
    pub(crate) port: u16,
    /// The statements that it breaks.
    pub(crate) without: Vec<Citation>,
    /// The faults that it has.
    pub(crate) faults: Vec<Fault>,
}

impl Arguments {
    /// Reads the words of the command line; what is wrong with them, in words.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let port = words.next().ok_or("a port is missing")?;
        let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
        let mut arguments = Self { port, without: Vec::new(), faults: Vec::new() };
        while let Some(option) = words.next() {
            let value = words.next().ok_or_else(|| format!("{option} wants a value"))?;
            match option.as_str() {
                "--without" => arguments.without.push(citation(&value)?),
                "--fault" => arguments.faults.push(Fault::read(&value)?),
                _ => return Err(format!("there is no option {option}")),
            }
        }
        Ok(arguments)
    }
}

fn citation(text: &str) -> Result<Citation, String> {
    let wrong = || format!("`{text}` is no version with a statement");
    let (version, id) = text.split_once(' ').ok_or_else(wrong)?;
    Ok(Citation { version: version.parse().map_err(|_| wrong())?, id: id.parse().map_err(|_| wrong())? })
}
