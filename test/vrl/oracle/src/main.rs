// Runs programs with the original implementation of the language, so that ours can be compared with it.
//
//   vrl-oracle              answers cases: a JSON object a line on standard input, a reply a line on standard output
//   vrl-oracle --functions  names the functions of the standard library
//   vrl-oracle --bench FILE measures a program over events, as the peer of our own benchmark

mod bench;
mod cases;
mod tagged;

use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Programs may nest deeply, and the original recurses; the memory is only taken when it is used.
const STACK_BYTES: usize = 1 << 30;

fn main() -> ExitCode {
    // A panic is part of a reply, not of the log.
    std::panic::set_hook(Box::new(|_| {}));
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    match thread.map(|thread| thread.join()) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(message))) => {
            eprintln!("vrl-oracle: {message}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => answer_all(),
        ["--functions"] => {
            for function in vrl::stdlib::all() {
                println!("{}", function.identifier());
            }
            Ok(())
        }
        ["--bench", file] => bench::run(file),
        _ => Err("expected nothing, --functions or --bench FILE".into()),
    }
}

fn answer_all() -> Result<(), String> {
    let library = vrl::stdlib::all();
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(|error| error.to_string())? == 0 {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut reply = cases::answer(&line, &library);
        reply.push('\n');
        output.write_all(reply.as_bytes()).and_then(|()| output.flush()).map_err(|error| error.to_string())?;
    }
}
