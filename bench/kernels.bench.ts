// How fast do the WebAssembly kernels go through lines in memory, on one core?
//
//   npm run bench kernels -- [--seconds 1]
//
// JSON lines of 275 bytes and of 2 KB, each a frame of its own, as a segment meets them. `index` validates a line and finds a
// few members; `emit` then writes it with its members in order, one replaced, one added, one removed.

import { parseArgs } from 'node:util';
import { JsonEdit } from '../src/engine/kernels/json_kernel.ts';
import { instantiate, KERNEL_BYTES, KERNEL_SCRATCH_BYTES } from '../src/engine/kernels/kernels.ts';
import { parseJson, stringifyJson } from '../src/event/json.ts';
import { type InputKind, Template } from './harness/inputs.ts';
import { median, table } from './harness/report.ts';

const INPUT = KERNEL_BYTES + KERNEL_SCRATCH_BYTES;
const INPUT_BYTES = 48 * 1024 * 1024;
const OUTPUT = INPUT + INPUT_BYTES;
const OUTPUT_BYTES = 65_536;
const TEXTS = OUTPUT + OUTPUT_BYTES;
const pages = TEXTS / 65_536 + 1;

/** Half of the text is not ASCII. */
const CYRILLIC = 'обработан запрос пользователя, результат успешный, следующий';
/** JSON inside of JSON. */
const ESCAPED = JSON.stringify('{"worker":12,"result":"ok","next":null,"path":"\\/a\\/b"}').slice(1, -1);

/** As many programs write it. */
const spaced = (line: string): string => line.replace(/([,:])(?=["{\d])/g, '$1 ');

const ROUNDS = 5;
const BLOCK_LINES = 512;

const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const bytes = Buffer.from(memory.buffer);
const { json, text, frames } = instantiate(memory, { offset: KERNEL_BYTES, bytes: KERNEL_SCRATCH_BYTES });

interface Lines {
  readonly starts: readonly number[];
}

/** Lines of the jobs' input, made otherwise. */
function place(kind: InputKind, change: (line: string) => string = (line) => line): Lines {
  const template = new Template(kind);
  const starts: number[] = [];
  let at = INPUT;
  for (let i = 0; i < 10_000; i++) {
    starts.push(at);
    at += bytes.write(`${change(template.line(i))}\n`, at);
  }
  starts.push(at);
  if (at > INPUT + INPUT_BYTES) throw new Error('the lines are too long');
  return { starts };
}

/** Megabytes per second of CPU time, the median of rounds, of a job over all lines. */
function measure({ starts }: Lines, job: (start: number, end: number) => void): number {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    let done = 0;
    const begin = process.threadCpuUsage();
    let us = 0;
    while (us < (1e6 * seconds) / ROUNDS) {
      for (let first = 0; first + BLOCK_LINES < starts.length; first += BLOCK_LINES) {
        for (let i = first; i < first + BLOCK_LINES; i++) job(starts[i]!, starts[i + 1]! - 1);
        done += starts[first + BLOCK_LINES]! - starts[first]!;
      }
      const { user, system } = process.threadCpuUsage(begin);
      us = user + system;
    }
    // The first round is for the compiler.
    if (round > 0) rates.push(done / us);
  }
  return median(rates);
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' } } });
const seconds = Number(values.seconds);
const rows: string[][] = [];

function row(name: string, what: string, lines: Lines, job: (start: number, end: number) => void): void {
  rows.push([name, what, measure(lines, job).toFixed(0)]);
}

function jsonRows(name: string, lines: Lines, paths: readonly (readonly string[])[]): void {
  const plan = json.track(paths)!;
  const [replaced, added, removed] = paths.map((path) => 3 * plan.indexOf(path));
  const length = bytes.write('"WARN"', TEXTS);
  const { edits } = json;
  row(name, 'index', lines, (start, end) => {
    if (json.index(plan, start, end) !== 0) throw new Error('not indexed');
  });
  row(name, 'index, emit', lines, (start, end) => {
    if (json.index(plan, start, end) !== 0 || json.emit(OUTPUT, OUTPUT_BYTES) < 0) throw new Error('not written');
  });
  row(name, 'index, emit with 3 edits', lines, (start, end) => {
    if (json.index(plan, start, end) !== 0) throw new Error('not indexed');
    for (const edit of [replaced!, added!]) {
      edits[edit] = JsonEdit.SET;
      edits[edit + 1] = TEXTS;
      edits[edit + 2] = length;
    }
    edits[removed!] = JsonEdit.REMOVE;
    if (json.emit(OUTPUT, OUTPUT_BYTES) < 0) throw new Error('not written');
  });
  json.release(plan);
}

function ordinaryRows(name: string, lines: Lines): void {
  const textOf = (start: number, end: number): string => bytes.toString('utf8', start, end);
  row(name, 'parseJson', lines, (start, end) => void parseJson(textOf(start, end)));
  row(name, 'parseJson, stringifyJson', lines, (start, end) => void stringifyJson(parseJson(textOf(start, end))));
}

function textRows(name: string, lines: Lines): void {
  row(name, 'escape', lines, (start, end) => {
    if (text.escape(start, end, OUTPUT, OUTPUT_BYTES) < 0) throw new Error('not written');
  });
}

const PATHS = [['level'], ['ok'], ['user_id'], ['seq'], ['request', 'status']];

const lines = place('json');
jsonRows('JSON, 275 bytes', lines, PATHS);
ordinaryRows('JSON, 275 bytes', lines);
textRows('JSON, 275 bytes', lines);
row(
  'JSON, 275 bytes',
  'cut, 4 KiB a call',
  { starts: Array.from({ length: 600 }, (_, i) => INPUT + 4096 * i) },
  (start) => {
    frames.cut(start, start + 4095, start, 10, 4096);
  },
);
jsonRows(
  'the same, sorted',
  place('json', (line) => stringifyJson(parseJson(line))),
  PATHS,
);
jsonRows('the same, spaced', place('json', spaced), PATHS);
jsonRows(
  'the same, Cyrillic',
  place('json', (line) => line.replace(/in worker .* ok/, CYRILLIC)),
  PATHS,
);
jsonRows(
  'the same, escaped',
  place('json', (line) => line.replace(/in worker .* ok/, ESCAPED)),
  PATHS,
);
textRows('Apache, 240 bytes', place('apache'));
const wide = place('wide');
jsonRows('JSON, 2 KB', wide, [['level'], ['ok'], ['tenant']]);
ordinaryRows('JSON, 2 KB', wide);

console.log(table(['lines', 'what', 'MB per CPU second'], rows));
