//! So many a second, evenly: how long each takes.
//!
//! A request that has to wait for the connection's last answer counts from when it should have been sent, so that a
//! server which stalls doesn't hide what stood behind.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};

use super::answer::Answer;
use super::requests::{Command, signed};

/// How many connections take turns.
const CONNECTIONS: usize = 16;

/// Asks at a rate for so long, and prints how long answers took.
pub fn run(address: SocketAddr, command: Command, rate: u32, time: Duration) -> anyhow::Result<()> {
    let every = Duration::from_secs(1) / rate;
    let count = rate as usize * usize::try_from(time.as_secs())?;
    let requests = signed(command, count)?;
    let begin = Instant::now() + Duration::from_millis(50);
    let mut took = thread::scope(|scope| {
        let connections: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                let turns = requests.iter().enumerate().skip(first).step_by(CONNECTIONS);
                scope.spawn(move || {
                    let mut stream = TcpStream::connect(address).context("no server")?;
                    stream.set_nodelay(true)?;
                    let mut answer = Answer::default();
                    turns
                        .map(|(turn, request)| {
                            let at = begin + every * u32::try_from(turn)?;
                            one(&mut stream, &mut answer, command, request, at)
                        })
                        .collect::<anyhow::Result<Vec<Duration>>>()
                })
            })
            .collect();
        let mut all = Vec::with_capacity(count);
        for connection in connections {
            all.extend(connection.join().map_err(|_| anyhow!("a connection broke off"))??);
        }
        anyhow::Ok(all)
    })?;
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!(
        "{{\"answers\":{},\"p50\":{:.3},\"p90\":{:.3},\"p99\":{:.3},\"most\":{:.3}}}",
        took.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    );
    Ok(())
}

fn one(
    stream: &mut TcpStream,
    answer: &mut Answer,
    command: Command,
    request: &[u8],
    at: Instant,
) -> anyhow::Result<Duration> {
    let late = at.checked_duration_since(Instant::now()).map(thread::sleep).is_none();
    // A sleep that overslept is the client's own fault.
    let since = if late { at } else { Instant::now() };
    stream.write_all(request)?;
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            bail!("the server hung up");
        }
        if answer.take(&buffer[..read], command.expected())? {
            return Ok(since.elapsed());
        }
    }
}
