// The codec `cef`: the Common Event Format of ArcSight, a header of seven fields and extensions of `key=value`.

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { getPath, type Path } from '../../event/path.ts';
import { scalarText } from '../../event/text.ts';
import { lossyText, Regex, type Value } from '../../event/value.ts';
import { type Codec, EncodeError } from './codec.ts';

export const CEF_VERSIONS = ['V0', 'V1'] as const;

export interface CefOptions {
  readonly version: (typeof CEF_VERSIONS)[number];
  readonly device_vendor: string;
  readonly device_product: string;
  readonly device_version: string;
  readonly device_event_class_id: string;
  /** Fields of the event. */
  readonly severity: Path;
  readonly name: Path;
  readonly extensions: ReadonlyMap<string, Path>;
}

/** Longest texts of the header, in bytes. */
export const CEF_BYTES_MAX = {
  device_vendor: 63,
  device_product: 63,
  device_version: 31,
  device_event_class_id: 1023,
  name: 512,
} as const;

const SEVERITY_MAX = 10;

export function cefCodec(options: CefOptions): Codec {
  const head = [options.device_vendor, options.device_product, options.device_version, options.device_event_class_id]
    .map(headerText)
    .join('|');
  const start = `CEF:${options.version === 'V0' ? 0 : 1}|${head}|`;
  return {
    name: 'cef',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => {
      const log = event as LogEvent;
      const severity = severityText(fieldText(log, options.severity));
      const name = fieldText(log, options.name);
      if (Buffer.byteLength(name) > CEF_BYTES_MAX.name)
        throw new EncodeError(`the CEF name is longer than ${CEF_BYTES_MAX.name} bytes`);
      const extensions = extensionsText(log, options.extensions);
      return `${start}${headerText(name)}|${severity}${extensions === '' ? '' : `|${extensions}`}`;
    },
  };
}

function severityText(text: string): string {
  if (!/^\+?\d+$/.test(text)) throw new EncodeError('the CEF severity must be a whole number from 0 to 10');
  const severity = Number(text);
  if (severity > SEVERITY_MAX) throw new EncodeError(`the CEF severity must be at most ${SEVERITY_MAX}`);
  return String(severity);
}

/** Fields without text are left out; the order is that of the pairs as text. */
function extensionsText(log: LogEvent, extensions: CefOptions['extensions']): string {
  const pairs: string[] = [];
  for (const [key, path] of extensions) {
    const value = fieldText(log, path);
    if (value !== '') pairs.push(`${key}=${value.replaceAll('\\', '\\\\').replaceAll('=', '\\=')}`);
  }
  return pairs.sort().join(' ');
}

function headerText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}

/** Objects, arrays and null have no text in CEF. */
function fieldText({ value, metadata }: LogEvent, { target, segments }: Path): string {
  const found: Value | undefined = getPath(target === 'metadata' ? metadata.value : value, segments);
  if (found === undefined || found === null || found instanceof Regex) return '';
  if (typeof found === 'string') return found;
  return found instanceof Uint8Array ? lossyText(found) : (scalarText(found) ?? '');
}
