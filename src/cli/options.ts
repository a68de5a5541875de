// Options that several commands share, and how the environment fills them in: SLUICE_* first, then VECTOR_*.

import { type Command, InvalidArgumentError, Option } from './commander.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of an environment variable by Vector's name: its `SLUICE_` spelling wins, even where it is empty. */
export function environmentValue(env: Environment, name: string): string | undefined {
  return env[ownSpelling(name)] ?? env[name];
}

function ownSpelling(name: string): string {
  return name.replace(/^VECTOR_/, 'SLUICE_');
}

interface About {
  /** Vector's environment variable for it. */
  readonly env?: string;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** Makes the value of a text; `previous` is what the same option gave before on this command line. */
  readonly parse?: (value: string, previous: unknown) => unknown;
  readonly group?: string;
  readonly hidden?: boolean;
}

/**
 * Adds an option that the environment gives where the command line does not. A wrong value in the environment is a
 * usage error of the command that has the option, and of no other.
 */
export function addOption(command: Command, env: Environment, flags: string, doc: string, about: About = {}): void {
  const { parse, choices } = about;
  const option = new Option(flags, about.env ? `${doc} [env: ${ownSpelling(about.env)}]` : doc);
  const name = option.attributeName();
  if (choices) option.choices([...choices]);
  if (parse) {
    // What comes from the environment or is a default is replaced by the command line, not added to.
    option.argParser((value: string, previous: unknown) =>
      parse(value, command.getOptionValueSource(name) === 'cli' ? previous : undefined),
    );
  }
  if (about.hidden) option.hideHelp();
  if (about.group) option.helpGroup(about.group);
  if (about.default !== undefined) option.default(about.default);
  command.addOption(option);
  const written = about.env === undefined ? undefined : environmentValue(env, about.env);
  if (written === undefined || written === '') return;
  try {
    command.setOptionValueWithSource(name, fromEnvironment(option, written, about), 'env');
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    command.hook('preAction', (_, acting) => {
      if (acting !== command || command.getOptionValueSource(name) === 'cli') return;
      const variable = env[ownSpelling(about.env!)] === undefined ? about.env : ownSpelling(about.env!);
      command.error(`error: the environment variable '${variable}' is invalid: ${error.message}`);
    });
  }
}

function fromEnvironment(option: Option, text: string, { parse, choices }: About): unknown {
  if (option.negate) return !spelledBoolean(text);
  if (option.isBoolean()) return spelledBoolean(text);
  if (choices && !choices.includes(text))
    throw new InvalidArgumentError(
      `expected one of ${choices.map((word) => `\`${word}\``).join(', ')}, got \`${text}\``,
    );
  return parse ? parse(text, undefined) : text;
}

/** What stands for a flag that takes no value on the command line. */
function spelledBoolean(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw new InvalidArgumentError(`expected \`true\` or \`false\`, got \`${text}\``);
}

/** Collects repeated and comma-separated values. */
export function collect(value: string, previous: unknown): string[] {
  const parts = value.split(',').filter((part) => part !== '');
  return [...(Array.isArray(previous) ? (previous as string[]) : []), ...parts];
}

/** A whole number from `min` to what a number holds exactly. */
export function wholeNumber(min: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > Number.MAX_SAFE_INTEGER)
      throw new InvalidArgumentError(`expected a whole number from ${min}, got \`${value}\``);
    return number;
  };
}

const UNIT_SECS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds, from a text such as `30s`, `10m` or `2h`. */
export function duration(value: string): number {
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(value) ?? [];
  const secs = Number(count) * UNIT_SECS[unit as keyof typeof UNIT_SECS];
  if (!(secs >= 1)) throw new InvalidArgumentError(`expected a duration such as \`30s\` or \`10m\`, got \`${value}\``);
  return secs;
}

/** `true` or `false`, written out. */
export function trueOrFalse(value: string): boolean {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new InvalidArgumentError(`expected \`true\` or \`false\`, got \`${value}\``);
}

/** Where the configuration comes from; undefined is what was not given. */
export interface ConfigFlags {
  readonly config?: readonly string[];
  readonly configYaml?: readonly string[];
  readonly configToml?: readonly string[];
  readonly configJson?: readonly string[];
  readonly configDir?: readonly string[];
  readonly dangerouslyAllowEnvVarInterpolation: boolean;
  readonly disableEnvVarInterpolation: boolean;
}

const CONFIG = 'Configuration:';

/** Adds the flags that say where the configuration is. `validate` and others take paths as arguments instead of `--config`. */
export function addConfigOptions(command: Command, env: Environment, { asArguments = false } = {}): void {
  if (!asArguments) {
    addOption(command, env, '-c, --config <path>', 'Read configuration from this file; repeatable, globs allowed.', {
      env: 'VECTOR_CONFIG',
      parse: collect,
      group: CONFIG,
    });
  }
  addOption(command, env, '-C, --config-dir <path>', 'Read configuration from the files of this folder.', {
    env: 'VECTOR_CONFIG_DIR',
    parse: collect,
    group: CONFIG,
  });
  for (const format of ['yaml', 'toml', 'json'] as const) {
    addOption(
      command,
      env,
      `--config-${format} <path>`,
      `Read this file as ${format.toUpperCase()}, whatever its name.`,
      { env: `VECTOR_CONFIG_${format.toUpperCase()}`, parse: collect, group: CONFIG },
    );
  }
  addOption(
    command,
    env,
    '--dangerously-allow-env-var-interpolation',
    'Replace $VAR and ${VAR} everywhere, in programs too, as Vector did before 0.57.',
    { env: 'VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION', default: false, group: CONFIG },
  );
  addOption(command, env, '--disable-env-var-interpolation', 'Replace no environment variables at all.', {
    env: 'VECTOR_DISABLE_ENV_VAR_INTERPOLATION',
    default: false,
    group: CONFIG,
  });
}

/** The default configuration, the first that exists, read when no other is named. */
export const DEFAULT_CONFIG_PATHS = ['/etc/sluice/sluice.yaml', '/etc/vector/vector.yaml'] as const;
