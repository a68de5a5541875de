// `sluice validate`: everything that is wrong with a configuration, and with the world it names, without running it.

import { createInterface } from 'node:readline';
import { type LocatedProblem, renderProblems } from '../config/config.ts';
import { checkTopology } from '../topology/topology.ts';
import { type Command, CommanderError } from './commander.ts';
import { EXIT } from './exit_codes.ts';
import { load } from './load.ts';
import { wantsColour } from './log_writer.ts';
import { type ConfigFlags, collect, environmentValue } from './options.ts';
import type { Surroundings } from './program.ts';
import { type LogFlags, makeLogger } from './run.ts';
import { makeRuntime } from './runtime.ts';

export interface ValidateFlags extends ConfigFlags, LogFlags {
  /** False when `--no-environment` is given. */
  readonly environment: boolean;
  readonly skipHealthchecks: boolean;
  readonly denyWarnings: boolean;
}

/** What was found, for people and for programs. */
export interface Findings {
  readonly problems: readonly LocatedProblem[];
  /** What building components or asking their peers brought up: component and message. */
  readonly environment: readonly { readonly component: string | undefined; readonly message: string }[];
  readonly sinks: readonly string[];
}

export async function validate(
  paths: readonly string[],
  flags: ValidateFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  const found = await findings(paths, flags, surroundings);
  const paint = painter(wantsColour(flags.color, stdout, env));
  if (found.problems.length > 0)
    stderr.write(renderProblems(found.problems, { colour: wantsColour(flags.color, stderr, env) }));
  const errors = found.problems.filter(({ severity }) => severity === 'error').length;
  const warnings = found.problems.length - errors;
  const named = paths.length > 0 ? paths.join(', ') : 'the configuration';
  const lines =
    errors > 0
      ? [`${paint('31', 'x')} Failed to load ${named}`]
      : [
          warnings > 0 ? `${paint('33', '~')} Loaded with warnings ${named}` : `${paint('32', '√')} Loaded ${named}`,
          ...environmentLines(found, flags, paint),
        ];
  stdout.write(`${lines.join('\n')}\n`);
  const code = exitCode(found, flags);
  if (code === EXIT.ok)
    stdout.write(
      `${paint('2', '-'.repeat(Math.max(...lines.map(visibleLength))))}\n${'Validated'.padStart(Math.max(...lines.map(visibleLength)))}\n`,
    );
  return code;
}

async function findings(
  paths: readonly string[],
  flags: ValidateFlags,
  surroundings: Pick<Surroundings, 'env' | 'stderr'>,
): Promise<Findings> {
  const fromEnvironment = collect(environmentValue(surroundings.env, 'VECTOR_CONFIG') ?? '', []);
  const { config, problems } = await load(
    { ...flags, config: paths.length > 0 ? paths : fromEnvironment },
    surroundings.env,
  );
  if (!config || !flags.environment) return { problems, environment: [], sinks: [] };
  const log = makeLogger({ ...flags, quiet: flags.quiet + 3 }, surroundings);
  const runtime = makeRuntime(
    config,
    { chunkSizeEvents: 1000, maxDecompressedSizeBytes: 1 << 20 },
    log,
    surroundings.env,
    0,
  );
  const environment = await checkTopology(config, runtime, { healthchecks: !flags.skipHealthchecks });
  return { problems, environment, sinks: [...config.sinks.keys()] };
}

function environmentLines(found: Findings, flags: ValidateFlags, paint: Paint): string[] {
  if (!flags.environment) return [];
  if (found.environment.length > 0) {
    return [
      `${paint('31', 'x')} Component errors`,
      ...found.environment.map(
        ({ component, message }) => `  ${component === undefined ? '' : `${component}: `}${message}`,
      ),
    ];
  }
  const health = flags.skipHealthchecks
    ? [`${paint('33', '~')} Health checks are disabled`]
    : found.sinks.map((id) => `${paint('32', '√')} Health check "${id}"`);
  return [`${paint('32', '√')} Component configuration`, ...health];
}

function exitCode({ problems, environment }: Findings, flags: ValidateFlags): number {
  const isFlaw = ({ severity, isAdvice }: LocatedProblem): boolean =>
    severity === 'error' || (flags.denyWarnings && isAdvice !== true);
  const failed = problems.some(isFlaw) || environment.length > 0;
  return failed ? EXIT.config : EXIT.ok;
}

type Paint = (code: string, text: string) => string;

function painter(colour: boolean): Paint {
  return (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function visibleLength(line: string): number {
  return line.replace(/\u001b\[\d+m/g, '').length;
}

interface Request {
  readonly id: string;
  /** The command line, from `validate` on. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes the command line that requests are read with. */
type BuildProgram = (surroundings: Surroundings) => Command;

/** Requests `{id, args, env}` on standard input, one a line; replies `{id, exit, errors, warnings}`. */
export async function validateBatch({ stdout, stderr }: Surroundings, build: BuildProgram): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    stdout.write(`${JSON.stringify(await batchReply(line, build, stdout, stderr))}\n`);
  }
  return EXIT.ok;
}

async function batchReply(
  line: string,
  build: BuildProgram,
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): Promise<unknown> {
  let request: Request;
  try {
    request = JSON.parse(line) as Request;
  } catch (error) {
    return { id: null, exit: EXIT.usage, errors: [(error as Error).message], warnings: [] };
  }
  const env = { ...process.env, ...request.env };
  try {
    const { paths, flags } = parsed(request.args, build, { env, stdout, stderr, finish: () => {} });
    const found = await findings(paths, flags, { env, stderr });
    const text = ({ message }: LocatedProblem): string => message;
    return {
      id: request.id,
      exit: exitCode(found, flags),
      errors: [
        ...found.problems.filter(({ severity }) => severity === 'error').map(text),
        ...found.environment.map(({ message }) => message),
      ],
      warnings: found.problems.filter(({ severity }) => severity === 'warning').map(text),
    };
  } catch (error) {
    if (error instanceof CommanderError)
      return { id: request.id, exit: EXIT.usage, errors: [error.message], warnings: [] };
    throw error;
  }
}

/** Reads a command line without running it. */
function parsed(
  args: readonly string[],
  build: BuildProgram,
  surroundings: Surroundings,
): { paths: readonly string[]; flags: ValidateFlags } {
  const program = build(surroundings);
  const command = program.commands.find((one) => one.name() === 'validate')!;
  let result: { paths: readonly string[]; flags: ValidateFlags } | undefined;
  command.action((paths: string[], flags: ValidateFlags) => {
    result = { paths, flags };
  });
  command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  command.parse(args.slice(1), { from: 'user' });
  return result!;
}
