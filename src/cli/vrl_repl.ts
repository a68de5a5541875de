// The prompt of `sluice vrl`: lines are compiled and run one after the other on the same event, with what is known of
// variables, event and metadata carried on, so that nothing runs twice.

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { EventSecrets } from '../component/event_secrets.ts';
import { programFunctions } from '../component/program_environment.ts';
import type { Value } from '../event/value.ts';
import { nearest } from '../std/suggest.ts';
import {
  compile,
  displayValue,
  type Environment,
  explainCode,
  Failure,
  type FunctionDefinition,
  Kind,
  kindsText,
  renderDiagnostics,
  type Target,
  type TypeDef,
} from '../vrl/vrl.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

export interface ReplOptions {
  readonly events: readonly Value[];
  readonly environment: Environment;
  readonly quiet: boolean;
  readonly colour: boolean;
}

const PROMPT = '$ ';
const MORE_PROMPT = '… ';

/** Lines of history that are read back. */
const HISTORY_MAX = 1_000;

/** Reads lines until the end of input, `exit` or Ctrl-C. */
export async function repl(options: ReplOptions, { stdout, env }: Surroundings): Promise<number> {
  const session = new Session(options);
  const history = new History(env['SLUICE_VRL_HISTORY'] ?? join(homedir(), '.local/state/sluice/vrl_history'));
  const isTerminal = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: stdout, history: history.read(), historySize: HISTORY_MAX } : {}),
    prompt: PROMPT,
    completer: complete,
    terminal: isTerminal,
  });
  if (!options.quiet) stdout.write(BANNER);
  lines.on('SIGINT', () => lines.close());
  await converse(lines, session, (text) => void stdout.write(text), isTerminal ? history : undefined);
  return EXIT.ok;
}

async function converse(
  lines: Interface,
  session: Session,
  write: (text: string) => void,
  history: History | undefined,
): Promise<void> {
  let pending = '';
  const ask = (): void => {
    if (!history) return;
    lines.setPrompt(pending === '' ? PROMPT : MORE_PROMPT);
    lines.prompt();
  };
  ask();
  for await (const line of lines) {
    const text = pending === '' ? line : `${pending}\n${line}`;
    // An empty line ends what would go on for ever.
    if (line.trim() !== '' && session.isUnfinished(text)) pending = text;
    else {
      pending = '';
      if (text.trim() !== '') history?.add(text);
      const answer = session.answer(text.trim());
      if (answer === undefined) break;
      write(answer === '' ? '' : `${answer}\n\n`);
    }
    ask();
  }
  if (pending !== '') write(`${session.answer(pending) ?? ''}\n\n`);
  lines.close();
}

/** What the parser says of a program that goes on. */
const ENDS_EARLY = /the program ends|has no closing/;

/** What one conversation knows. */
export class Session {
  readonly #options: ReplOptions;
  readonly #targets: Target[];
  readonly #values = new Map<string, Value>();
  #variables: ReadonlyMap<string, TypeDef> = new Map();
  /** What is known of each event and its metadata. */
  readonly #kinds: { event: Kind; metadata: Kind }[];
  #index = 0;

  constructor(options: ReplOptions) {
    this.#options = options;
    this.#targets = options.events.map(targetOf);
    this.#kinds = options.events.map(kindsOf);
  }

  /** What a line gives, as text; undefined when it is the last. */
  answer(line: string): string | undefined {
    if (line === '') return '';
    if (line === 'exit' || line === 'quit') return undefined;
    if (line === 'next' || line === 'prev') {
      this.#move(line === 'next' ? 1 : -1);
      return this.#run('.');
    }
    return help(line) ?? this.#run(line);
  }

  /** Whether a text is the beginning of a program. */
  isUnfinished(text: string): boolean {
    const compiled = this.#compile(text);
    if (!('diagnostics' in compiled)) return false;
    return compiled.diagnostics.some(({ message, labels }) =>
      ENDS_EARLY.test([message, ...labels.map((label) => label.message)].join('\n')),
    );
  }

  /** Goes on to another event. Beyond the last there is one new one, which is null until something is put in. */
  #move(by: 1 | -1): void {
    const isBlank = this.#targets.at(-1)?.value === null;
    if (by === 1) {
      if (this.#index < this.#targets.length && !isBlank) this.#index += 1;
      if (this.#index < this.#targets.length) return;
      this.#targets.push(targetOf(null));
      this.#kinds.push(kindsOf(null));
      return;
    }
    this.#index = Math.max(this.#index - 1, 0);
    if (isBlank && this.#targets.length > 1) {
      this.#targets.pop();
      this.#kinds.pop();
    }
  }

  #compile(text: string) {
    const kinds = this.#kinds[this.#index]!;
    return compile(text, {
      functions: programFunctions,
      environment: this.#options.environment,
      variables: this.#variables,
      eventKind: kinds.event,
      metadataKind: kinds.metadata,
      unusedWarnings: false,
    });
  }

  #run(text: string): string {
    const compiled = this.#compile(text);
    if ('diagnostics' in compiled)
      return renderDiagnostics(compiled.diagnostics, text, { color: this.#options.colour });
    const { program } = compiled;
    const target = this.#targets[this.#index]!;
    const result = program.runWith(target, this.#values);
    this.#learn(program.variablesAfter, result instanceof Failure);
    // The event as it is now tells more than what was known before it ran, and holds after a failure, too.
    this.#kinds[this.#index] = kindsOf(target.value);
    if (result instanceof Failure) return result.message === '' ? 'aborted' : result.message;
    return displayValue(result);
  }

  /** After a failure only those variables are there that have a value. */
  #learn(variables: ReadonlyMap<string, TypeDef>, failed: boolean): void {
    this.#variables = new Map([...variables].filter(([name]) => !failed || this.#values.has(name)));
  }
}

function targetOf(value: Value): Target {
  return { value, metadata: {}, secrets: new EventSecrets() };
}

/** An event of a conversation is known no better than one that comes from outside, but an object stays one. */
function kindsOf(value: Value): { event: Kind; metadata: Kind } {
  const isObject = Kind.fromValue(value).is('object');
  return { event: isObject ? Kind.of('object') : Kind.any(), metadata: Kind.of('object') };
}

/** The answer to a call for help; undefined when a line is none. */
function help(line: string): string | undefined {
  if (line === 'help') return HELP;
  if (['help functions', 'help funcs', 'help fs'].includes(line)) return functionList();
  const [, word, name] = /^help\s+(docs|error)(?:\s+(\w+))?$/.exec(line) ?? [];
  if (word === 'docs') return name === undefined ? DOCS : functionHelp(name);
  if (word === 'error') return errorHelp(name ?? '');
  const topic = /^help\s+(\w+)$/.exec(line)?.[1];
  return topic === undefined ? undefined : functionHelp(topic);
}

function errorHelp(code: string): string {
  return explainCode(Number(code.replace(/^E/i, ''))) ?? `error code ${code} not recognized`;
}

const COLUMNS = 3;

function functionList(): string {
  const names = programFunctions.map(({ name }) => name).sort();
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const rows: string[] = [];
  for (let at = 0; at < names.length; at += COLUMNS)
    rows.push(
      names
        .slice(at, at + COLUMNS)
        .map((name) => name.padEnd(width))
        .join('')
        .trimEnd(),
    );
  return rows.join('\n');
}

function functionHelp(name: string): string {
  const found = programFunctions.find((one) => one.name === name);
  if (found) return describe(found);
  const guess = nearest(
    name,
    programFunctions.map((one) => one.name),
  );
  return `function name ${name} not recognized${guess === undefined ? '' : `; did you mean ${guess}?`}`;
}

function describe({ name, doc, parameters, returns, examples }: FunctionDefinition): string {
  const listed = parameters.map((one) => (one.required ? one.name : `[${one.name}]`)).join(', ');
  return [
    `${name}(${listed}) -> ${kindsText(returns.kinds)}${returns.fallible ? ', fallible' : ''}`,
    '',
    doc,
    ...(parameters.length > 0 ? [''] : []),
    ...parameters.map((one) => `  ${one.name} (${kindsText(one.kinds)}): ${one.doc}`),
    ...examples
      .slice(0, 2)
      .flatMap(({ title, source }) => ['', `  # ${title}`, `  ${source.replaceAll('\n', '\n  ')}`]),
  ].join('\n');
}

const WORDS = ['next', 'prev', 'exit', 'quit', 'help', 'help functions', 'help docs', 'help error'];

/** Completes the name of a function, or a command. */
function complete(line: string): [string[], string] {
  const word = /[a-z_][a-z0-9_]*$/.exec(line)?.[0] ?? '';
  const commands = WORDS.filter((one) => line !== '' && one.startsWith(line));
  if (commands.length > 0) return [commands, line];
  if (word === '') return [[], line];
  return [programFunctions.map(({ name }) => `${name}(`).filter((name) => name.startsWith(word)), word];
}

/** What was typed in earlier conversations. It is a convenience: a disk that refuses it is not mentioned. */
class History {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The latest first. */
  read(): string[] {
    try {
      return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean).slice(-HISTORY_MAX).reverse();
    } catch {
      return [];
    }
  }

  add(text: string): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, `${text.replaceAll('\n', ' ')}\n`, { mode: 0o600 });
    } catch {
      // Nothing is lost but convenience.
    }
  }
}

const DOCS = 'https://vector.dev/docs/reference/vrl; `help docs <function>` explains one here';

const HELP = `Commands:
  help functions     List the functions (also: help funcs, help fs)
  help docs          Say where the language is described
  help docs <func>   Explain a function (also: help <func>)
  help error <code>  Explain an error code
  next               Go on to the next event, or to a new one
  prev               Go back to the previous event
  exit               End (also: quit, Ctrl-D)

Anything else is VRL. Variables and the event are kept from line to line.`;

const BANNER = `VRL, line by line. \`.\` is the event; \`help\` explains the rest.

`;
