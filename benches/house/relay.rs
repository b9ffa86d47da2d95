//! A relay that takes every letter at once and remembers to whom it was.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The relay: a thread a connection.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Relay {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(Mutex::new(BTreeMap::new()));
        let book = taken.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let book = book.clone();
                thread::spawn(move || serve(&stream, &book));
            }
        });
        Self { address, taken }
    }

    /// Fails unless that many people got a letter since the last time, and none of them two.
    pub(crate) fn got_each_once(&self, count: usize) {
        let taken = std::mem::take(&mut *self.taken.lock().expect("the book"));
        assert_eq!(taken.len(), count, "people who got a letter");
        assert!(taken.values().all(|letters| *letters == 1), "somebody got two");
    }
}

fn serve(stream: &TcpStream, taken: &Mutex<BTreeMap<String, usize>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut answer) = (BufReader::new(stream), stream);
    let (mut line, mut to) = (String::new(), String::new());
    answer.write_all(b"220 relay.test ESMTP\r\n")?;
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "EHLO" => answer.write_all(b"250-relay.test\r\n250 8BITMIME\r\n")?,
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                answer.write_all(b"250 ok\r\n")?;
            }
            "DATA" => {
                answer.write_all(b"354 go on\r\n")?;
                while line != ".\r\n" {
                    line.clear();
                    lines.read_line(&mut line)?;
                }
                *taken.lock().expect("the book").entry(std::mem::take(&mut to)).or_default() += 1;
                answer.write_all(b"250 kept\r\n")?;
            }
            "QUIT" => return answer.write_all(b"221 bye\r\n"),
            _ => answer.write_all(b"250 ok\r\n")?,
        }
    }
}
