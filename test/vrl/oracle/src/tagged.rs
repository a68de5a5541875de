// Values as JSON that keeps what JSON cannot say: a lone `$int`, `$float`, `$timestamp`, `$regex` or `$bytes` tells the
// type, `$object` wraps an object that only looks like one of these.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value as Json;
use vrl::prelude::{NotNan, ObjectMap};
use vrl::value::{Value, ValueRegex};

const SAFE_INTEGER_MAX: i64 = (1 << 53) - 1;

pub fn decode(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => float(number.as_f64().ok_or("a number out of range")?)?,
        },
        Json::Array(items) => Value::Array(items.iter().map(decode).collect::<Result<_, _>>()?),
        Json::Object(members) => {
            if members.len() == 1
                && let Some((tag, inner)) = members.iter().next()
                && let Some(value) = decode_tag(tag, inner)?
            {
                return Ok(value);
            }
            decode_members(members)?
        }
    })
}

fn decode_members(members: &serde_json::Map<String, Json>) -> Result<Value, String> {
    let mut object = ObjectMap::new();
    for (key, member) in members {
        object.insert(key.as_str().into(), decode(member)?);
    }
    Ok(Value::Object(object))
}

fn decode_tag(tag: &str, inner: &Json) -> Result<Option<Value>, String> {
    if tag == "$object" {
        return match inner {
            Json::Object(members) => decode_members(members).map(Some),
            _ => Err("$object holds no object".into()),
        };
    }
    let Json::String(text) = inner else { return Ok(None) };
    Ok(Some(match tag {
        "$int" => Value::Integer(text.parse().map_err(|error| format!("$int: {error}"))?),
        "$float" => float(text.parse().map_err(|error| format!("$float: {error}"))?)?,
        "$timestamp" => {
            let moment = DateTime::parse_from_rfc3339(text).map_err(|error| format!("$timestamp: {error}"))?;
            Value::Timestamp(moment.with_timezone(&Utc))
        }
        "$regex" => {
            let regex = regex::Regex::new(text).map_err(|error| format!("$regex: {error}"))?;
            Value::Regex(ValueRegex::new(Arc::new(regex)))
        }
        "$bytes" => {
            let bytes = STANDARD.decode(text).map_err(|error| format!("$bytes: {error}"))?;
            Value::Bytes(bytes.into())
        }
        _ => return Ok(None),
    }))
}

fn float(number: f64) -> Result<Value, String> {
    NotNan::new(number).map(Value::Float).map_err(|_| "a float that is no number".into())
}

pub fn encode(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(boolean) => out.push_str(if *boolean { "true" } else { "false" }),
        Value::Integer(integer) if integer.abs_diff(0) <= SAFE_INTEGER_MAX as u64 => push(out, format_args!("{integer}")),
        Value::Integer(integer) => push(out, format_args!("{{\"$int\":\"{integer}\"}}")),
        Value::Float(float) => encode_float(float.into_inner(), out),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => encode_text(text, out),
            Err(_) => push(out, format_args!("{{\"$bytes\":\"{}\"}}", STANDARD.encode(bytes))),
        },
        Value::Timestamp(moment) => {
            push(out, format_args!("{{\"$timestamp\":\"{}\"}}", moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        }
        Value::Regex(regex) => {
            out.push_str("{\"$regex\":");
            encode_text(regex.as_str(), out);
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                encode(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => encode_object(members, out),
    }
}

fn encode_object(members: &ObjectMap, out: &mut String) {
    let looks_tagged = members.len() == 1
        && members.keys().all(|key| {
            matches!(key.as_str(), "$int" | "$float" | "$timestamp" | "$regex" | "$bytes" | "$object")
        });
    out.push_str(if looks_tagged { "{\"$object\":{" } else { "{" });
    for (i, (key, member)) in members.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        encode_text(key, out);
        out.push(':');
        encode(member, out);
    }
    out.push_str(if looks_tagged { "}}" } else { "}" });
}

fn encode_float(float: f64, out: &mut String) {
    if float.is_infinite() {
        out.push_str(if float > 0.0 { "{\"$float\":\"inf\"}" } else { "{\"$float\":\"-inf\"}" });
    } else if float.fract() == 0.0 {
        push(out, format_args!("{{\"$float\":\"{float:?}\"}}"));
    } else {
        push(out, format_args!("{float:?}"));
    }
}

pub fn encode_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn push(out: &mut String, text: std::fmt::Arguments) {
    let _ = out.write_fmt(text);
}
