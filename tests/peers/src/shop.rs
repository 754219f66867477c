//! The bookshop of `examples/`, and what it says at its end.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::Value;

use crate::checks::Result;
use crate::process::{DEADLINE, Process, built, wait_for};

/// The bookshop, at work.
#[derive(Debug)]
pub(crate) struct Shop {
    process: Process,
    lines: Receiver<String>,
    addr: SocketAddr,
}

impl Shop {
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(built("tallymark-examples", &["--example", "bookshop"])?);
        // It goes on serving until it is told to end, so that Prometheus need not hurry with its last scrape.
        command.env("TALLYMARK_ADDR", "127.0.0.1:0").env("BOOKSHOP_LINGER", "600").stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let stdout = BufReader::new(process.stdout()?);
        let (send, lines) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(io::Result::ok).try_for_each(|line| send.send(line)));
        let first = lines.recv_timeout(DEADLINE)?;
        let addr = first.strip_prefix("metrics at http://").and_then(|rest| rest.strip_suffix("/metrics"));
        let addr = addr.ok_or_else(|| format!("the bookshop says: {first}"))?.parse()?;
        Ok(Self { process, lines, addr })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops the load; gives what the shop really did, by series. It goes on serving.
    pub(crate) fn stop(&self) -> Result<BTreeMap<String, f64>> {
        self.process.interrupt()?;
        let mut tally = BTreeMap::new();
        loop {
            let line = self.lines.recv_timeout(DEADLINE)?;
            if let Some(stopped) = line.strip_prefix("stopped: ") {
                let complete = stopped.split(' ').next() == Some(tally.len().to_string().as_str());
                return if complete { Ok(tally) } else { Err("lines of the tally are lost".into()) };
            }
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            let (Some(series), Some(value)) = (line["series"].as_str(), line["value"].as_f64()) else {
                return Err(format!("a line of the tally reads {line}").into());
            };
            tally.insert(series.to_owned(), value);
        }
    }

    pub(crate) fn end(&mut self) -> Result<String> {
        self.process.interrupt()?;
        let status = wait_for("the end of the bookshop", || Ok(self.process.status()?))?;
        if status.success() { Ok(status.to_string()) } else { Err(status.to_string().into()) }
    }
}
