// Programs in a configuration: how they are compiled, and how what is wrong with one becomes a problem of the
// configuration, shown where it is written.

import { readFileSync } from 'node:fs';
import type { LogNamespace } from '../event/log_schema.ts';
import type { Problem } from '../schema/schema.ts';
import type { LedgerScope } from '../telemetry/ledger.ts';
import {
  type Compiled,
  type CompileOptions,
  compile,
  type Diagnostic,
  type Environment,
  Kind,
  type Program,
  renderDiagnostics,
} from '../vrl/vrl.ts';
import { programFunctions } from './program_environment.ts';

/** What a component's surroundings mean for its programs. */
export interface ProgramSurroundings {
  /** The namespaces of logs that may reach the component. */
  readonly logNamespaces: readonly LogNamespace[];
  /** What programs get of the world; the time zone is the global one unless given. */
  environment(timezone?: string): Environment;
  /** The component that the program is part of, once there is one: profiles name it. */
  readonly id?: string;
  /** Where the memory of programs that are built is entered. */
  readonly owns?: LedgerScope['owns'];
}

type More = Pick<CompileOptions, 'readOnly' | 'coverage' | 'eventKind'> & { readonly timezone?: string | undefined };

/** `%vector` is written by the product alone. */
const RESERVED = [{ path: { target: 'metadata', segments: ['vector'] }, recursive: true }] as const;

export function compileProgram(source: string, surroundings: ProgramSurroundings, more: More = {}): Compiled {
  const { timezone, ...options } = more;
  const compiled = compile(source, {
    functions: programFunctions,
    environment: surroundings.environment(timezone),
    readOnly: RESERVED,
    ...(surroundings.id === undefined ? {} : { name: `${surroundings.id}/program` }),
    ...(surroundings.logNamespaces.includes('vector') ? { eventKind: Kind.any() } : {}),
    ...options,
  });
  if ('program' in compiled) enter(source, surroundings);
  return compiled;
}

/** A program with what is known of its types, as measured with programs of 7 to 1,750 characters. */
const PROGRAM_BYTES = 4_000;
const CHARACTER_BYTES = 105;

/** The programs of a component that are entered: it may compile one again, in the place of the one before. */
const entered = new WeakMap<ProgramSurroundings, Set<string>>();

/** Code of functions that ran is told by V8, and not part of it. */
function enter(source: string, surroundings: ProgramSurroundings): void {
  const { owns } = surroundings;
  if (!owns) return;
  const known = entered.get(surroundings) ?? new Set();
  entered.set(surroundings, known);
  if (known.has(source)) return;
  known.add(source);
  const sizeBytes = PROGRAM_BYTES + CHARACTER_BYTES * source.length;
  owns('programs', { bytes: () => sizeBytes });
}

/** A program that is known to compile. Throws with its diagnostics when it does not. */
export function builtProgram(source: string, surroundings: ProgramSurroundings, more?: More): Program {
  const compiled = compileProgram(source, surroundings, more);
  if ('program' in compiled) return compiled.program;
  throw new Error(`a program does not compile:\n${renderDiagnostics(compiled.diagnostics, source, { color: false })}`);
}

/** The text of a file that holds a program. */
export interface ProgramText {
  readonly source: string;
  /** The file that it stands in, where that is not the configuration. */
  readonly file?: string;
}

/** Reads a program; text says why it cannot be read. */
export function readProgram(file: string): ProgramText | string {
  try {
    return { source: readFileSync(file, 'utf8'), file };
  } catch (error) {
    return `the program cannot be read: ${(error as Error).message}`;
  }
}

/** What the compiler says about the program in the option at `path`. */
export function programProblems(
  compiled: Compiled,
  { source, file }: ProgramText,
  path: Problem['path'],
): readonly Problem[] {
  const found = 'diagnostics' in compiled ? compiled.diagnostics : compiled.warnings;
  return found.map((diagnostic) => problemOf(diagnostic, source, file, path));
}

function problemOf(diagnostic: Diagnostic, source: string, file: string | undefined, path: Problem['path']): Problem {
  const { severity, code, message, labels } = diagnostic;
  const main = labels.find(({ primary }) => primary) ?? labels[0];
  const offsets = new ByteOffsets(source);
  return {
    severity,
    path,
    message: `${message} (E${String(code).padStart(3, '0')})`,
    ...(main && main.message !== '' && main.message !== message ? { hint: main.message } : {}),
    ...(severity === 'warning' ? { isAdvice: true as const } : {}),
    ...(main && file === undefined ? { span: offsets.units(main.span) } : {}),
    picture({ text, at, name, colour }) {
      const isHere = file === undefined && text !== undefined;
      const shown = isHere ? new ByteOffsets(text) : undefined;
      const moved = shown
        ? { ...diagnostic, labels: labels.map((one) => ({ ...one, span: moveSpan(one.span) })) }
        : diagnostic;
      function moveSpan(span: { readonly start: number; readonly end: number }) {
        const { start, end } = offsets.units(span);
        return shown!.bytes({ start: at(start), end: Math.max(at(start), at(end)) });
      }
      const fileName = file ?? (isHere ? name : 'program');
      return renderDiagnostics([moved], isHere ? text : source, { color: colour, fileName });
    },
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Turns offsets in UTF-8 bytes, which diagnostics have, into offsets in JavaScript's text, and back. */
class ByteOffsets {
  readonly #text: string;
  readonly #isPlain: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#isPlain = /^[\0-\x7f]*$/.test(text);
  }

  units({ start, end }: Range): Range {
    return { start: this.#unit(start), end: this.#unit(end) };
  }

  bytes({ start, end }: Range): Range {
    return { start: this.#byte(start), end: this.#byte(end) };
  }

  #unit(byte: number): number {
    return this.#isPlain ? byte : Buffer.from(this.#text, 'utf8').subarray(0, byte).toString('utf8').length;
  }

  #byte(unit: number): number {
    return this.#isPlain ? unit : Buffer.byteLength(this.#text.slice(0, unit), 'utf8');
  }
}
