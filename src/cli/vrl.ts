// `sluice vrl`: runs a program on events from a file or standard input, or opens a prompt.

import { readFileSync } from 'node:fs';
import { text as readText } from 'node:stream/consumers';
import { EventSecrets } from '../component/event_secrets.ts';
import { programEnvironment, programFunctions } from '../component/program_environment.ts';
import { JsonError, parseJson } from '../event/json.ts';
import { namedZone } from '../event/timezone.ts';
import type { Value } from '../event/value.ts';
import { nearest } from '../std/suggest.ts';
import {
  compile,
  displayValue,
  type Environment,
  explainCode,
  Failure,
  type Program,
  renderDiagnostics,
  type Target,
} from '../vrl/vrl.ts';
import { EXIT } from './exit_codes.ts';
import { wantsColour } from './log_writer.ts';
import type { Surroundings } from './program.ts';
import { vrlBatch } from './vrl_batch.ts';
import { repl } from './vrl_repl.ts';

export interface VrlFlags {
  readonly input?: string;
  readonly program?: string;
  readonly quiet: number;
  readonly printObject: boolean;
  readonly timezone?: string;
  readonly printWarnings: boolean;
  readonly explain?: string;
  readonly batch: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

export async function vrl(text: string | undefined, flags: VrlFlags, surroundings: Surroundings): Promise<number> {
  if (flags.batch) return vrlBatch(surroundings);
  if (flags.explain !== undefined) return explain(flags.explain, surroundings);
  try {
    return await runOrPrompt(text, flags, surroundings);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    surroundings.stderr.write(`error: ${error.message}\n`);
    return EXIT.software;
  }
}

/** What a person did wrong. */
class Wrong extends Error {}

function explain(code: string, { stdout, stderr }: Surroundings): number {
  const number = Number(code.replace(/^E/i, ''));
  const explanation = Number.isInteger(number) ? explainCode(number) : undefined;
  if (explanation === undefined) stderr.write(`error: there is no error code \`${code}\`\n`);
  else stdout.write(`${explanation}\n`);
  return explanation === undefined ? EXIT.software : EXIT.ok;
}

async function runOrPrompt(text: string | undefined, flags: VrlFlags, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  if (text !== undefined && flags.program !== undefined)
    throw new Wrong('a program is given and `--program` names a file: leave one of them out');
  const environment = environmentOf(flags, surroundings);
  if (text === undefined && flags.program === undefined) {
    const events = flags.input === undefined ? [{}] : eventsOf(read(flags.input));
    return repl(
      { events, environment, quiet: flags.quiet > 0, colour: wantsColour(flags.color, stdout, env) },
      surroundings,
    );
  }
  const events = eventsOf(flags.input === undefined ? await readText(process.stdin) : read(flags.input));
  const source = text ?? read(flags.program!);
  const look = { color: wantsColour(flags.color, stderr, env), fileName: flags.program ?? '' };
  const compiled = compile(source, { functions: programFunctions, environment });
  if ('diagnostics' in compiled) {
    stderr.write(`${renderDiagnostics(compiled.diagnostics, source, look)}\n`);
    return EXIT.software;
  }
  if (flags.printWarnings && compiled.warnings.length > 0)
    stderr.write(`${renderDiagnostics(compiled.warnings, source, look)}\n`);
  for (const event of events) runOn(compiled.program, event, flags, surroundings);
  return EXIT.ok;
}

/** A program that fails on one event is said, and the next one gets its turn. */
function runOn(program: Program, event: Value, { printObject }: VrlFlags, { stdout, stderr }: Surroundings): void {
  const target: Target = { value: event, metadata: {}, secrets: new EventSecrets() };
  const result = program.run(target);
  if (result instanceof Failure) stderr.write(`${result.message === '' ? 'aborted' : result.message}\n`);
  else stdout.write(`${displayValue(printObject ? target.value : result)}\n`);
}

function environmentOf({ timezone = 'local' }: VrlFlags, { stderr }: Surroundings): Environment {
  if (timezone !== 'local' && namedZone(timezone) === undefined) {
    const guess = nearest(timezone, ['local', 'UTC', ...Intl.supportedValuesOf('timeZone')]);
    throw new Wrong(
      `there is no time zone \`${timezone}\`${guess === undefined ? '' : `; did you mean \`${guess}\`?`}`,
    );
  }
  return programEnvironment({
    timezone,
    now: Date.now,
    random: Math.random,
    log: (level, message) => void stderr.write(`${level.toUpperCase()} ${message}\n`),
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Wrong((error as Error).message);
  }
}

/** The events of an input, a JSON value a line; of an empty one, an empty object. */
function eventsOf(input: string): Value[] {
  if (input === '') return [{}];
  const lines = input.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    try {
      return parseJson(line, { unsigned: 'float' });
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw new Wrong(`line ${index + 1} of the input is no JSON: ${error.message}`);
    }
  });
}
