// Measures one program over many events. As a host would do it: compiled once, one runtime that is cleared between
// events, and each run on a copy of the event, as running changes it. The time of the copies alone is reported, too.

use std::hint::black_box;
use std::time::Instant;

use serde_json::Value as Json;
use vrl::compiler::runtime::Runtime;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{CompileConfig, TargetValue, TimeZone, compile_with_external, state::ExternalEnv};
use vrl::diagnostic::Formatter;
use vrl::prelude::ObjectMap;
use vrl::value::{Secrets, Value};

use crate::tagged::decode;

const REPETITIONS: usize = 5;

pub fn run(file: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let request: Json = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let source = request["source"].as_str().ok_or("no source")?;
    let iterations = request["iterations"].as_u64().unwrap_or(1).max(1);
    let events: Vec<TargetValue> = request["events"]
        .as_array()
        .ok_or("no events")?
        .iter()
        .map(|event| decode(event).map(target))
        .collect::<Result<_, _>>()?;
    let timezone = TimeZone::parse(request["timezone"].as_str().unwrap_or("UTC")).ok_or("no such time zone")?;
    let library = vrl::stdlib::all();
    let compiled = compile_with_external(source, &library, &ExternalEnv::default(), CompileConfig::default())
        .map_err(|diagnostics| Formatter::new(source, diagnostics).to_string())?;

    let mut runtime = Runtime::new(RuntimeState::default());
    let mut failed = 0usize;
    let runs = median(|| {
        failed = 0;
        for _ in 0..iterations {
            for event in &events {
                let mut target = copy(event);
                let result = runtime.resolve(&mut target, &compiled.program, &timezone);
                failed += usize::from(result.is_err());
                let _ = black_box(result);
                black_box(&target);
                runtime.clear();
            }
        }
    });
    let copies = median(|| {
        for _ in 0..iterations {
            for event in &events {
                black_box(copy(black_box(event)));
            }
        }
    });
    let total = (iterations as usize * events.len()).max(1) as f64;
    println!(
        "{{\"ns\":{:.1},\"clone_ns\":{:.1},\"events\":{},\"iterations\":{iterations},\"failed\":{failed},\"includes\":\"ns is per event and includes the copy of the event (clone_ns)\"}}",
        runs / total,
        copies / total,
        events.len(),
    );
    Ok(())
}

fn target(value: Value) -> TargetValue {
    TargetValue { value, metadata: Value::Object(ObjectMap::new()), secrets: Secrets::new() }
}

fn copy(target: &TargetValue) -> TargetValue {
    TargetValue { value: target.value.clone(), metadata: target.metadata.clone(), secrets: target.secrets.clone() }
}

/// The median of some measurements, in nanoseconds, after one that warms up.
fn median(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[REPETITIONS / 2]
}
