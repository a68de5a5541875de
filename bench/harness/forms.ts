// The forms in which programs write the same events, and how each is read as lines of JSON.

import type { Expectation } from './check.ts';

/** A line of JSON each; the same with 1 and 0 for booleans; or many events in the JSON of OTLP. */
export type Form = 'lines' | 'numeric_booleans' | 'otlp';

/** What a job expects of a program that writes in this form. */
export function inForm(expectation: Expectation, form: Form): Expectation {
  if (form !== 'numeric_booleans') return expectation;
  return {
    ...expectation,
    read(text) {
      const event = JSON.parse(text) as Record<string, unknown>;
      return 'ok' in event ? { ...event, ok: event['ok'] === 1 } : event;
    },
  };
}

/** How many events are in the bytes. */
export function countEvents(data: Buffer, form: Form): number {
  const mark = form === 'otlp' ? '"observedTimeUnixNano"' : '\n';
  let count = 0;
  for (let at = data.indexOf(mark); at !== -1; at = data.indexOf(mark, at + mark.length)) count++;
  return count;
}

interface Records {
  resourceLogs: { scopeLogs: { logRecords: { body: Value; observedTimeUnixNano: string }[] }[] }[];
}

interface Value {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { values?: Value[] };
  readonly kvlistValue?: { values?: { key: string; value: Value }[] };
}

/** The events of one OTLP request (or line of a file of such), as lines. A text becomes the event that other programs make. */
export function otlpLines(text: string, sourceType: string): string {
  const { resourceLogs } = JSON.parse(text) as Records;
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
  return records
    .map(({ body, observedTimeUnixNano }) => {
      const value = plain(body);
      const timestamp = new Date(Number(BigInt(observedTimeUnixNano) / 1_000_000n)).toISOString();
      return typeof value === 'string' ? { message: value, timestamp, source_type: sourceType } : value;
    })
    .map((value) => `${JSON.stringify(value)}\n`)
    .join('');
}

function plain(value: Value): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue) {
    return Object.fromEntries((value.kvlistValue.values ?? []).map(({ key, value: each }) => [key, plain(each)]));
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
