// The codec `csv`: the listed fields of a log, in order.
//
// Vector's writer keeps one state for the whole stream, and it shows: after a line whose last field has no quotes, the
// first field of the next line is written without quotes whatever it holds (and an empty single field gets none).
// Recorded runs have it, so the state is kept here as it is there. Each request body begins afresh.

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { getPath, type Path } from '../../event/path.ts';
import { scalarText } from '../../event/text.ts';
import { Regex, type Value } from '../../event/value.ts';
import type { Codec } from './codec.ts';

export const QUOTE_STYLES = ['always', 'necessary', 'never', 'non_numeric'] as const;

export interface CsvOptions {
  readonly fields: readonly Path[];
  /** Characters as their ASCII codes. */
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
  /** Whether a quote inside of quotes is doubled; otherwise the escape character stands before it. */
  readonly double_quote: boolean;
  readonly quote_style: (typeof QUOTE_STYLES)[number];
}

export function csvCodec(options: CsvOptions): Codec {
  const writer = new LineWriter(options);
  return {
    name: 'csv',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => {
      const { value, metadata } = event as LogEvent;
      return writer.line(
        options.fields.map(({ target, segments }) =>
          fieldText(getPath(target === 'metadata' ? metadata.value : value, segments)),
        ),
      );
    },
    reset: () => writer.reset(),
  };
}

/** Objects, arrays and null have no text in CSV. */
function fieldText(value: Value | undefined): string | Uint8Array {
  if (value === undefined || value === null || value instanceof Regex) return '';
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return scalarText(value) ?? '';
}

class LineWriter {
  readonly #delimiter: string;
  readonly #quote: string;
  readonly #quoteInside: string;
  readonly #needsQuotes: (text: string) => boolean;
  /** Whether the last line ended in a field without quotes. */
  #open = false;
  /** Whether anything was written since the last line that ended in quotes. */
  #written = false;

  constructor({ delimiter, quote, escape: before, double_quote: doubled, quote_style: style }: CsvOptions) {
    this.#delimiter = String.fromCharCode(delimiter);
    this.#quote = String.fromCharCode(quote);
    this.#quoteInside = doubled ? this.#quote + this.#quote : String.fromCharCode(before) + this.#quote;
    const special = [delimiter, quote, 10, 13, ...(doubled ? [] : [before])];
    const pattern = new RegExp(`[${special.map((code) => `\\x${code.toString(16).padStart(2, '0')}`).join('')}]`);
    this.#needsQuotes = {
      always: () => true,
      never: () => false,
      necessary: (text: string) => pattern.test(text),
      non_numeric: (text: string) => !NUMERIC.test(text),
    }[style];
  }

  reset(): void {
    this.#open = false;
    this.#written = false;
  }

  /** The fields as one line without its end. Bytes where one of them is not UTF-8. */
  line(fields: readonly (string | Uint8Array)[]): string | Uint8Array {
    if (fields.every((field) => typeof field === 'string')) return this.#join(fields);
    // One character per byte: what matters in CSV is ASCII, which is the same in both.
    return Buffer.from(this.#join(fields.map((field) => Buffer.from(field as string).toString('latin1'))), 'latin1');
  }

  #join(fields: readonly string[]): string {
    let line = '';
    let quoting = false;
    fields.forEach((field, index) => {
      if (index > 0) {
        line += (quoting ? this.#quote : '') + this.#delimiter;
        this.#open = false;
      }
      quoting = !this.#open && this.#needsQuotes(field);
      line += quoting ? this.#quote + field.replaceAll(this.#quote, () => this.#quoteInside) : field;
    });
    return this.#finish(line, quoting, fields.length > 0);
  }

  #finish(line: string, quoting: boolean, any: boolean): string {
    this.#written ||= line !== '';
    if (quoting) {
      this.#written = false;
      this.#open = false;
      return line + this.#quote;
    }
    this.#open ||= any;
    if (this.#written || !this.#open) return line;
    this.#written = true;
    return line + this.#quote + this.#quote;
  }
}

/** What Rust reads as a number. */
const NUMERIC = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)$/i;
