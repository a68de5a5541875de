// The tree of commands with their flags. What a command does stands in its own file.

import type { Registry } from '../config/config.ts';
import { nearest } from '../std/suggest.ts';
import { Command } from './commander.ts';
import { completion, SHELLS } from './completion.ts';
import { convertConfig } from './convert_config.ts';
import { generate } from './generate.ts';
import { generateSchema } from './generate_schema.ts';
import { graph } from './graph.ts';
import { interpolateBatch } from './interpolate.ts';
import { list } from './list.ts';
import {
  addConfigOptions,
  addOption,
  collect,
  duration,
  type Environment,
  trueOrFalse,
  wholeNumber,
} from './options.ts';
import { quickstart } from './quickstart.ts';
import { run } from './run.ts';
import { test } from './test.ts';
import { testBatch } from './test_batch.ts';
import { validate, validateBatch } from './validate.ts';
import { versionLine } from './version.ts';
import { vrl } from './vrl.ts';

/** What a command gets from the process, and how it says its exit code. */
export interface Surroundings {
  readonly env: Environment;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly finish: (exitCode: number) => void;
  /** The components that configurations may use, where they are others than those of this build. */
  readonly registry?: Registry | undefined;
}

const FORMATS = ['yaml', 'toml', 'json'] as const;
const RUNNING = 'Running:';
const LOGGING = 'Logging:';

export function buildProgram(surroundings: Surroundings): Command {
  const { env, finish } = surroundings;
  const program = new Command('sluice')
    .description(
      'Moves logs, metrics and traces from where they arise to where they are needed.\nRuns a Vector configuration unchanged.',
    )
    .version(versionLine(), '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .showSuggestionAfterError(true)
    .showHelpAfterError('Run `sluice --help` for the flags and commands.')
    .allowExcessArguments(true)
    // What follows a command is the command's: `sluice graph --config x` must not be read as `sluice --config x`.
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', EXAMPLES);

  addRunOptions(program, env);
  program.action(async (flags) => {
    const [unknown] = program.args;
    if (unknown !== undefined) return program.error(unknownCommand(program, unknown));
    finish(await run(flags, surroundings));
  });

  const command = (name: string, doc: string): Command => {
    const child = program
      .command(name)
      .description(doc)
      .helpOption('-h, --help', 'Print this help.')
      .exitOverride()
      .showHelpAfterError(`Run \`sluice ${name.split(' ')[0]} --help\` for its flags.`);
    addLogOptions(child, env);
    inheritLogOptions(program, child);
    return child;
  };

  const validateCommand = command(
    'validate',
    'Check a configuration, and the world it names, without running it.',
  ).argument('[paths...]', 'Configuration files.');
  addConfigOptions(validateCommand, env, { asArguments: true });
  addOption(validateCommand, env, '--no-environment', 'Leave out what needs files, ports and peers.');
  addOption(validateCommand, env, '--skip-healthchecks', 'Build components, but ask no peer.', { default: false });
  addOption(validateCommand, env, '-d, --deny-warnings', 'Take warnings for errors.', { default: false });
  addOption(validateCommand, env, '--batch', 'Answer requests `{id, args, env}` line by line.', {
    default: false,
    hidden: true,
  });
  validateCommand.action(async (paths: string[], flags) =>
    finish(flags.batch ? await validateBatch(surroundings, buildProgram) : await validate(paths, flags, surroundings)),
  );

  const listCommand = command('list', 'List the components that this build has.');
  addOption(listCommand, env, '--format <format>', 'How to print them.', {
    choices: ['text', 'json', 'avro'],
    default: 'text',
  });
  listCommand.action((flags) => finish(list(flags, surroundings)));

  const generateCommand = command(
    'generate',
    'Write a configuration from a pattern such as `stdin//console`.',
  ).argument(
    '<expression>',
    'Sources, transforms and sinks, separated by `/`, each a comma-separated list; `name:type` names one.',
  );
  addOption(generateCommand, env, '-f, --fragment', 'Leave out the global options.', { default: false });
  addOption(generateCommand, env, '--file <path>', 'Write to this file, which must not exist.');
  addOption(generateCommand, env, '--format <format>', 'The format to write.', { choices: FORMATS, default: 'yaml' });
  generateCommand.action((expression: string, flags) => finish(generate(expression, flags, surroundings)));

  const graphCommand = command('graph', 'Draw the topology of a configuration.');
  addConfigOptions(graphCommand, env);
  addOption(graphCommand, env, '--format <format>', 'The language of the drawing.', {
    choices: ['dot', 'mermaid'],
    default: 'dot',
  });
  addOption(graphCommand, env, '--plan', 'Tell how events would be looked at on their way, and why not faster.');
  graphCommand.action(async (flags) => finish(await graph(flags, surroundings)));

  const schemaCommand = command('generate-schema', 'Print the JSON Schema of configurations, for editors.');
  addOption(schemaCommand, env, '-o, --output-path <path>', 'Write to this file, which must not exist.');
  schemaCommand.action((flags) => finish(generateSchema(flags, surroundings)));

  const convertCommand = command('convert-config', 'Convert configuration files to another format.')
    .argument('<input-path>', 'A file or a folder.')
    .argument('<output-path>', 'A file or a folder that does not exist.');
  addOption(convertCommand, env, '--output-format <format>', 'The format to write.', {
    choices: FORMATS,
    default: 'yaml',
  });
  convertCommand.action(async (input: string, output: string, flags) =>
    finish(await convertConfig(input, output, flags, surroundings)),
  );

  const testCommand = command('test', 'Run the unit tests of a configuration.').argument(
    '[paths...]',
    'Configuration files.',
  );
  addConfigOptions(testCommand, env, { asArguments: true });
  addOption(testCommand, env, '--junit-report <path>', 'Write the results to this file as JUnit XML.', {
    parse: collect,
  });
  addOption(testCommand, env, '--coverage', 'Print the lines of programs that no test ran.', { default: false });
  addOption(testCommand, env, '--batch', 'Answer requests `{id, config, format}` line by line.', {
    default: false,
    hidden: true,
  });
  testCommand.action(async (paths: string[], flags) =>
    finish(flags.batch ? await testBatch(surroundings) : await test(paths, flags, surroundings)),
  );

  const vrlCommand = command('vrl', 'Run a VRL program on events, or try the language out line by line.').argument(
    '[program]',
    'The program; without one, and without `--program`, lines are read and answered.',
  );
  addOption(vrlCommand, env, '-i, --input <path>', 'Read events from this file, one JSON value a line.');
  addOption(vrlCommand, env, '-p, --program <path>', 'Read the program from this file.');
  addOption(vrlCommand, env, '-o, --print-object', 'Print the event in place of what the program gives.', {
    default: false,
  });
  addOption(vrlCommand, env, '-z, --timezone <name>', 'The time zone of times that name none.');
  addOption(vrlCommand, env, '-r, --runtime <name>', 'How programs are run.', { choices: ['ast'], default: 'ast' });
  addOption(vrlCommand, env, '--print-warnings', 'Print warnings of the compiler.', { default: false });
  addOption(vrlCommand, env, '--explain <code>', 'Explain an error code of the compiler.');
  addOption(vrlCommand, env, '--batch', 'Answer requests `{id, source, event}` line by line.', {
    default: false,
    hidden: true,
  });
  vrlCommand.action(async (text: string | undefined, flags) => finish(await vrl(text, flags, surroundings)));

  const completionCommand = command('completion', 'Print a completion script for a shell.').argument(
    '<shell>',
    SHELLS.join(', '),
  );
  completionCommand.action((shell: string) => finish(completion(shell, program, surroundings)));

  const quickstartCommand = command('quickstart', 'Run a small pipeline on example data and watch it work.');
  addOption(quickstartCommand, env, '--lines <count>', 'How many lines to send.', {
    parse: wholeNumber(1),
    default: 2_000,
  });
  quickstartCommand.action(async (flags) => finish(await quickstart(flags, surroundings)));

  const soakCommand = command(
    'soak',
    'Drive a configuration with made-up load, and tell whether its memory grows.',
  ).argument('[paths...]', 'Configuration files. Nothing is sent to where they lead.');
  addConfigOptions(soakCommand, env, { asArguments: true });
  const soakOption = (flags: string, doc: string, about: Parameters<typeof addOption>[4]) =>
    addOption(soakCommand, env, flags, doc, about);
  soakOption('--for <duration>', 'How long to watch, as `30s`, `10m` or `2h`.', { parse: duration, default: 600 });
  soakOption('--warm-up <duration>', 'How much of that is not judged; a fifth unless given.', { parse: duration });
  soakOption('--rate <events>', 'Events a second for each source that is driven.', {
    parse: wholeNumber(1),
    default: 1000,
  });
  soakOption('--sample <path>', 'Send the lines of this file in place of made-up ones.', {});
  soakOption('--bisect', 'Find the component that leaks, by leaving out parts of the configuration.', {
    default: false,
  });
  soakOption('--report <path>', 'Write a page with the chart and the allocation sites.', {});
  soakOption('--csv <path>', 'Write all samples, a line for each, in bytes.', {});
  soakCommand.action(async (paths: string[], flags) => {
    const { soak } = await import('./soak.ts');
    finish(await soak(paths, flags, surroundings));
  });

  const interpolateCommand = program
    .command('interpolate', { hidden: true })
    .description('Answer requests `{id, text, env}` line by line.')
    .exitOverride();
  addOption(interpolateCommand, env, '--batch', 'Read requests from standard input.', { default: true });
  interpolateCommand.action(async () => finish(await interpolateBatch(surroundings)));
  return program;
}

function unknownCommand(program: Command, word: string): string {
  const guess = nearest(
    word,
    program.commands.map((command) => command.name()),
  );
  const hint =
    guess !== undefined
      ? `did you mean \`${guess}\`?`
      : /\.(ya?ml|toml|json)$/.test(word)
        ? `a configuration is run by \`sluice --config ${word}\``
        : 'there is no such command';
  return `error: unknown command \`${word}\`; ${hint}`;
}

function addRunOptions(program: Command, env: Environment): void {
  addConfigOptions(program, env);
  const add = (flags: string, doc: string, about: Parameters<typeof addOption>[4]) =>
    addOption(program, env, flags, doc, { group: RUNNING, ...about });
  add('-r, --require-healthy <bool>', 'Refuse to start when a health check fails.', {
    env: 'VECTOR_REQUIRE_HEALTHY',
    parse: trueOrFalse,
  });
  add('-t, --threads <count>', 'Threads to use; the number of cores unless given.', {
    env: 'VECTOR_THREADS',
    parse: wholeNumber(1),
  });
  add('--chunk-size-events <count>', 'Most events in one batch of a source.', {
    env: 'VECTOR_CHUNK_SIZE_EVENTS',
    parse: wholeNumber(1),
    default: 1000,
  });
  add('-w, --watch-config', 'Reload when a configuration file changes.', {
    env: 'VECTOR_WATCH_CONFIG',
    default: false,
  });
  add('--watch-config-method <method>', 'How changes are noticed.', {
    env: 'VECTOR_WATCH_CONFIG_METHOD',
    choices: ['recommended', 'poll'],
    default: 'recommended',
  });
  add('--watch-config-poll-interval-seconds <seconds>', 'How often to look, when polling.', {
    env: 'VECTOR_WATCH_CONFIG_POLL_INTERVAL_SECONDS',
    parse: wholeNumber(1),
    default: 30,
  });
  add('--graceful-shutdown-limit-secs <seconds>', 'How long a shutdown may take before it is forced.', {
    env: 'VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS',
    parse: wholeNumber(1),
    default: 60,
  });
  add('--no-graceful-shutdown-limit', 'Let a shutdown take as long as it needs.', {
    env: 'VECTOR_NO_GRACEFUL_SHUTDOWN_LIMIT',
  });
  add('--allow-empty-config', 'Start without components.', { env: 'VECTOR_ALLOW_EMPTY_CONFIG', default: false });
  add('--max-decompressed-size-bytes <bytes>', 'What a compressed payload may inflate to.', {
    env: 'VECTOR_MAX_DECOMPRESSED_SIZE_BYTES',
    parse: wholeNumber(1),
    default: 104_857_600,
  });
  add('--openssl-no-probe', 'Accepted for Vector’s sake: certificate stores are Node’s own.', {
    env: 'VECTOR_OPENSSL_NO_PROBE',
    default: false,
    hidden: true,
  });
  add('--raise-fd-limit', 'Accepted for Vector’s sake: Node raises the limit by itself.', {
    env: 'VECTOR_RAISE_FD_LIMIT',
    default: false,
    hidden: true,
  });
  add('--allocation-tracing', 'Accepted for Vector’s sake: it has no effect here.', {
    env: 'ALLOCATION_TRACING',
    default: false,
    hidden: true,
  });
  add('--allocation-tracing-reporting-interval-ms <ms>', 'Accepted for Vector’s sake: it has no effect here.', {
    env: 'ALLOCATION_TRACING_REPORTING_INTERVAL_MS',
    parse: wholeNumber(1),
    default: 5000,
    hidden: true,
  });
  add('--profile-memory <file.html>', 'Write a page about who takes memory and which code allocates.', {});
  add('--memory-samples <ms>', 'Report memory to the parent process this often; for `soak`.', {
    parse: wholeNumber(10),
    hidden: true,
  });
  addLogOptions(program, env);
  add('-i, --internal-log-rate-limit <seconds>', 'Seconds in which one place logs once.', {
    env: 'VECTOR_INTERNAL_LOG_RATE_LIMIT',
    parse: wholeNumber(0),
    default: 10,
    group: LOGGING,
  });
  add('--internal-logs-source-rate-limit <seconds>', 'The same for the internal_logs source.', {
    env: 'VECTOR_INTERNAL_LOGS_SOURCE_RATE_LIMIT',
    parse: wholeNumber(1),
    group: LOGGING,
  });
}

function addLogOptions(command: Command, env: Environment): void {
  const count = (_: string, previous: unknown): number => (typeof previous === 'number' ? previous : 0) + 1;
  addOption(command, env, '-v, --verbose', 'Log more; twice for everything.', {
    parse: count as never,
    default: 0,
    group: LOGGING,
  });
  addOption(command, env, '-q, --quiet', 'Log less; twice for errors only, three times for nothing.', {
    parse: count as never,
    default: 0,
    group: LOGGING,
  });
  addOption(command, env, '--log-format <format>', 'How log lines look.', {
    env: 'VECTOR_LOG_FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    group: LOGGING,
  });
  addOption(command, env, '--color <when>', 'When to use colours.', {
    env: 'VECTOR_COLOR',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    group: LOGGING,
  });
}

/** `sluice -q validate` is as good as `sluice validate -q`. */
function inheritLogOptions(program: Command, child: Command): void {
  child.hook('preAction', () => {
    for (const name of ['verbose', 'quiet', 'logFormat', 'color']) {
      if (program.getOptionValueSource(name) !== 'cli' || child.getOptionValueSource(name) === 'cli') continue;
      child.setOptionValueWithSource(name, program.getOptionValue(name), 'cli');
    }
  });
}

const EXAMPLES = `
Examples:
  sluice quickstart                          see it work
  sluice --config vector.yaml                run a configuration, Vector's or your own
  sluice validate vector.yaml                find every mistake in it at once
  sluice generate file//http > sluice.yaml   start from a pattern
  sluice graph --config vector.yaml | dot -Tsvg > topology.svg`;
