//! As many as are answered: every connection has one request under way, always.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::answer::Answer;
use super::requests::{Command, signed};

/// How many connections there are.
const CONNECTIONS: usize = 64;
/// More than anything answers in a second.
const MOST_A_SECOND: usize = 120_000;

/// Floods a server for so long, and prints how many it acknowledged.
pub fn run(address: SocketAddr, command: Command, time: Duration) -> anyhow::Result<()> {
    let count = MOST_A_SECOND * usize::try_from(time.as_secs())?;
    let requests: Rc<Vec<Box<[u8]>>> = Rc::new(signed(command, count)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    let (acknowledged, took) = local.block_on(&runtime, async {
        let next = Rc::new(AtomicUsize::new(0));
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream =
                TcpStream::connect(address).await.with_context(|| format!("no server at {address}"))?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let since = Instant::now();
        let connections: Vec<_> = streams
            .into_iter()
            .map(|stream| {
                let (requests, next) = (Rc::clone(&requests), Rc::clone(&next));
                tokio::task::spawn_local(
                    async move { one(stream, command, &requests, &next, since + time).await },
                )
            })
            .collect();
        let mut acknowledged = 0;
        for connection in connections {
            acknowledged += connection.await??;
        }
        anyhow::Ok((acknowledged, since.elapsed()))
    })?;
    if acknowledged == count {
        bail!("the requests ran out");
    }
    let rate = f64::from(u32::try_from(acknowledged)?) / took.as_secs_f64();
    println!("{{\"acknowledged\":{acknowledged},\"seconds\":{:.3},\"rate\":{rate:.1}}}", took.as_secs_f64());
    Ok(())
}

/// One connection, until the end; how many requests it had acknowledged.
async fn one(
    mut stream: TcpStream,
    command: Command,
    requests: &[Box<[u8]>],
    next: &AtomicUsize,
    end: Instant,
) -> anyhow::Result<usize> {
    let (mut answer, mut buffer) = (Answer::default(), vec![0; 16 * 1024]);
    let mut acknowledged = 0;
    while Instant::now() < end {
        let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
        stream.write_all(request).await?;
        loop {
            let read = stream.read(&mut buffer).await?;
            if read == 0 {
                bail!("the server hung up");
            }
            if answer.take(&buffer[..read], command.expected())? {
                break;
            }
        }
        acknowledged += 1;
    }
    Ok(acknowledged)
}
