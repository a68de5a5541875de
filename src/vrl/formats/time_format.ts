// Time formats and zones as arguments of functions: found once where they are constant, else kept in small caches, as
// programs mostly compute the same few.

import { parseStrftime, type StrftimeItem } from '../../event/strftime.ts';
import { compileStrptime, STRPTIME_FAULTS, type Strptime } from '../../event/strptime.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { namedByOffset, namedZone, type Zone } from '../../event/timezone.ts';
import { debugText } from './debug_text.ts';

/** Formats kept that programs computed. */
const FORMATS_MAX = 256;
const readers = new Map<string, Strptime>();
const writers = new Map<string, readonly StrftimeItem[] | undefined>();

/** What a format takes when it is taken apart, as measured: 1,700 for reading, 900 for writing. */
const FORMAT_BYTES = 1_300;

/** Estimated bytes of the formats that are kept. */
export function keptFormatBytes(): number {
  return (readers.size + writers.size) * FORMAT_BYTES;
}

/** How to read times of a format. */
export function timeReader(format: string): Strptime {
  const known = readers.get(format);
  if (known) return known;
  const reader = compileStrptime(format);
  if (readers.size >= FORMATS_MAX) readers.clear();
  readers.set(format, reader);
  return reader;
}

/** The items of a format to write times by; undefined when it is none. */
export function timeWriter(format: string): readonly StrftimeItem[] | undefined {
  if (writers.has(format)) return writers.get(format);
  const parsed = parseStrftime(format);
  const items = typeof parsed === 'string' ? undefined : parsed;
  if (writers.size >= FORMATS_MAX) writers.clear();
  writers.set(format, items);
  return items;
}

/** The machine's own zone has no names of its own, only offsets. */
let localZone: Zone | undefined;

/** The zone that an argument names: the machine's own for `local` and an empty name; undefined when there is none. */
export function zoneNamed(name: string): Zone | undefined {
  if (name !== '' && name !== 'local') return namedZone(name);
  const local = namedZone('local');
  localZone ??= local && namedByOffset(local);
  return localZone;
}

/** The time that a text says, or why it says none: in the zone it names itself where the format has that, or in `zone`. */
export function readTime(reader: Strptime, text: string, zone: Zone): Timestamp | string {
  const time = reader.hasZone ? reader.readZoned(text) : reader.read(text, zone);
  if (time instanceof Timestamp) return time;
  return `Invalid timestamp ${debugText(text)}: ${STRPTIME_FAULTS[time]}`;
}
