// One case: a program, what it runs on, and the reply that says what became of it.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value as Json;
use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::state::{ExternalEnv, RuntimeState};
use vrl::compiler::{CompileConfig, ExpressionError, Function, TargetValue, TimeZone, compile_with_external};
use vrl::diagnostic::{DiagnosticList, Formatter};
use vrl::path::{OwnedTargetPath, PathPrefix, parse_value_path};
use vrl::prelude::ObjectMap;
use vrl::value::{Secrets, Value};

use crate::tagged::{decode, encode, encode_text};

struct Case {
    source: String,
    event: Value,
    timezone: TimeZone,
    secrets: Secrets,
    config: CompileConfig,
    compile_only: bool,
}

/// The reply to a request, both without the newline.
pub fn answer(line: &[u8], library: &[Box<dyn Function>]) -> String {
    let mut reply = String::from("{\"id\":");
    let request: Json = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return failed(reply + "null", "unsupported", &error.to_string()),
    };
    reply.push_str(&request["id"].to_string());
    let case = match read_case(&request) {
        Ok(case) => case,
        Err(error) => return failed(reply, "unsupported", &error),
    };
    match catch_unwind(AssertUnwindSafe(|| run(case, library))) {
        Ok(outcome) => reply + &outcome + "}",
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            failed(reply, "crash", text.unwrap_or("a panic without a message"))
        }
    }
}

fn failed(mut reply: String, field: &str, text: &str) -> String {
    let _ = write!(reply, ",\"{field}\":");
    encode_text(text, &mut reply);
    reply.push('}');
    reply
}

fn read_case(request: &Json) -> Result<Case, String> {
    let timezone = match request["timezone"].as_str() {
        Some(name) => TimeZone::parse(name).ok_or_else(|| format!("no time zone is called {name}"))?,
        None => TimeZone::parse("UTC").ok_or("no UTC")?,
    };
    let mut config = CompileConfig::default();
    for entry in request["read_only"].as_array().into_iter().flatten() {
        let prefix = if entry["target"] == "metadata" { PathPrefix::Metadata } else { PathPrefix::Event };
        let text = entry["path"].as_str().ok_or("a path that is no text")?;
        let path = parse_value_path(text.trim_start_matches('%')).map_err(|error| error.to_string())?;
        config.set_read_only_path(OwnedTargetPath { prefix, path }, entry["recursive"] == true);
    }
    let mut secrets = Secrets::new();
    for (key, secret) in request["secrets"].as_object().into_iter().flatten() {
        secrets.insert(key.as_str(), secret.as_str().ok_or("a secret that is no text")?);
    }
    Ok(Case {
        source: request["source"].as_str().ok_or("no source")?.to_owned(),
        event: request.get("event").map_or_else(|| Ok(Value::Object(ObjectMap::new())), decode)?,
        timezone,
        secrets,
        config,
        compile_only: request["compile_only"] == true,
    })
}


/// The fields of the reply, from the comma on.
fn run(case: Case, library: &[Box<dyn Function>]) -> String {
    let mut out = String::new();
    let compiled = match compile_with_external(&case.source, library, &ExternalEnv::default(), case.config) {
        Ok(compiled) => compiled,
        Err(diagnostics) => {
            out.push_str(",\"compile_error\":");
            describe(&case.source, diagnostics, false, &mut out);
            return out;
        }
    };
    if case.compile_only {
        out.push_str(",\"ok\":null");
    } else {
        let mut target = TargetValue {
            value: case.event,
            metadata: Value::Object(ObjectMap::new()),
            secrets: case.secrets,
        };
        let mut runtime = Runtime::new(RuntimeState::default());
        match runtime.resolve(&mut target, &compiled.program, &case.timezone) {
            Ok(value) => {
                out.push_str(",\"ok\":");
                encode(&value, &mut out);
            }
            Err(Terminate::Abort(ExpressionError::Abort { message, .. })) => {
                out.push_str(",\"abort\":{\"message\":");
                encode(&Value::from(message), &mut out);
                out.push('}');
            }
            Err(Terminate::Abort(error) | Terminate::Error(error)) => {
                out.push_str(",\"runtime_error\":");
                encode_text(&error.to_string(), &mut out);
            }
        }
        out.push_str(",\"event\":");
        encode(&target.value, &mut out);
        if target.metadata != Value::Object(ObjectMap::new()) {
            out.push_str(",\"metadata\":");
            encode(&target.metadata, &mut out);
        }
    }
    if !compiled.warnings.is_empty() {
        out.push_str(",\"warnings\":");
        describe(&case.source, compiled.warnings, true, &mut out);
    }
    out
}

/// Codes, messages, the places (`[start, end, primary]`, in bytes) and the rendered text of diagnostics.
fn describe(source: &str, diagnostics: DiagnosticList, warnings: bool, out: &mut String) {
    let shown: Vec<_> = diagnostics.iter().filter(|one| warnings || one.is_problem()).cloned().collect();
    let codes: Vec<usize> = shown.iter().map(|one| one.code).collect();
    let messages: Vec<&str> = shown.iter().map(|one| one.message.as_str()).collect();
    let labels: Vec<Vec<(usize, usize, bool)>> = shown
        .iter()
        .map(|one| one.labels.iter().map(|label| (label.span.start(), label.span.end(), label.primary)).collect())
        .collect();
    let _ = write!(out, "{{\"codes\":{codes:?},\"messages\":");
    out.push_str(&serde_json::to_string(&messages).unwrap_or_default());
    out.push_str(",\"labels\":");
    out.push_str(&serde_json::to_string(&labels).unwrap_or_default());
    out.push_str(",\"text\":");
    encode_text(Formatter::new(source, diagnostics).to_string().trim(), out);
    out.push('}');
}
