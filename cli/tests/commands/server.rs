//! A server that answers as a test wants it to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

/// Answers one request after the other with these bytes, the last one again and again.
pub(crate) struct Server {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn answering(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        // It ends with the test's process.
        thread::spawn(move || {
            for (at, connection) in listener.incoming().enumerate() {
                let mut connection = connection.unwrap();
                let mut head = String::new();
                let mut lines = BufReader::new(connection.try_clone().unwrap());
                while !head.ends_with("\r\n\r\n") {
                    if lines.read_line(&mut head).unwrap() == 0 {
                        break;
                    }
                }
                seen.lock().unwrap().push(head);
                // Who asked may have gone.
                let _ = connection.write_all(&answers[at.min(answers.len() - 1)]);
            }
        });
        Self { addr, requests }
    }

    /// Serves a page with this content type.
    pub(crate) fn page(content_type: &str, page: &[u8]) -> Self {
        Self::answering(vec![answer(&[("content-type", content_type)], page)])
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/metrics", self.addr)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The heads of the requests that came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A response that says how long it is.
pub(crate) fn answer(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        answer.extend([name, ": ", value, "\r\n"]);
    }
    answer.push_str("\r\n");
    [answer.as_bytes(), body].concat()
}
