// Times in the headers of lines, read without making text of them: a second is looked up once for all lines in it.

import { daysIn, daysSinceEpoch, parseRfc3339, Timestamp } from '../../event/timestamp.ts';
import { localOffsets, type Zone } from '../../event/timezone.ts';

const ZERO = 48;
const LETTER_Z = 90;
const LETTER_T = 84;
const DOT = 46;

/** `2026-11-27T05:24:18`. */
const SECOND_BYTES = 19;

export class HeaderTimes {
  readonly #zone: Zone;
  #lastDate = -1;
  #lastDays = 0;

  /** `zone` is that of times that name none. */
  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** The time at `bytes[start, end)`; undefined when it is none. */
  at(bytes: Buffer, start: number, end: number): Timestamp | undefined {
    return this.#utc(bytes, start, end) ?? this.#any(bytes.toString('latin1', start, end));
  }

  /** The common form: UTC with a fraction of up to nine digits. */
  #utc(bytes: Buffer, start: number, end: number): Timestamp | undefined {
    if (end - start <= SECOND_BYTES || bytes[end - 1] !== LETTER_Z || bytes[start + 10] !== LETTER_T) return undefined;
    const year = two(bytes, start) * 100 + two(bytes, start + 2);
    const month = two(bytes, start + 5);
    const day = two(bytes, start + 8);
    const hour = two(bytes, start + 11);
    const minute = two(bytes, start + 14);
    const second = two(bytes, start + 17);
    if (!(hour < 24 && minute < 60 && second < 60)) return undefined;
    const date = (year * 100 + month) * 100 + day;
    if (date !== this.#lastDate) {
      if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return undefined;
      this.#lastDate = date;
      this.#lastDays = daysSinceEpoch(year, month, day);
    }
    const seconds = this.#lastDays * 86_400 + hour * 3600 + minute * 60 + second;
    const digits = end - 1 - (start + SECOND_BYTES + 1);
    if (digits < 0) return new Timestamp(seconds, 0);
    if (bytes[start + SECOND_BYTES] !== DOT || digits > 9 || digits === 0) return undefined;
    let nanos = 0;
    for (let i = 0; i < 9; i++) {
      const digit = i < digits ? bytes[start + SECOND_BYTES + 1 + i]! - ZERO : 0;
      if (digit < 0 || digit > 9) return undefined;
      nanos = nanos * 10 + digit;
    }
    return new Timestamp(seconds, nanos);
  }

  #any(text: string): Timestamp | undefined {
    const given = parseRfc3339(text);
    if (given) return given;
    const local = parseRfc3339(`${text}Z`);
    const [offset] = local ? localOffsets(this.#zone, local.seconds) : [];
    return local && new Timestamp(local.seconds - (offset ?? 0), local.nanos);
  }
}

/** Two digits as a number; NaN for anything else. */
function two(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
