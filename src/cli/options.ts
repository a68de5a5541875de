// Options that several commands share, and how the environment fills them in: SLUICE_* first, then VECTOR_*.

import { type Command, InvalidArgumentError, Option } from './commander.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of an environment variable by Vector's name: its `SLUICE_` spelling wins. */
export function environmentValue(env: Environment, name: string): string | undefined {
  const own = name.startsWith('VECTOR_') ? env[`SLUICE_${name.slice(7)}`] : undefined;
  return own ?? env[name];
}

interface About {
  /** Vector's environment variable for it. */
  readonly env?: string;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  readonly parse?: (value: string, previous: unknown) => unknown;
  readonly group?: string;
  readonly hidden?: boolean;
}

/** Adds an option whose default is taken from the environment when it is set there. */
export function addOption(command: Command, env: Environment, flags: string, doc: string, about: About = {}): void {
  const option = new Option(flags, about.env ? `${doc} [env: ${about.env.replace(/^VECTOR_/, 'SLUICE_')}]` : doc);
  if (about.choices) option.choices([...about.choices]);
  if (about.parse) option.argParser(about.parse);
  if (about.hidden) option.hideHelp();
  if (about.group) option.helpGroup(about.group);
  const written = about.env === undefined ? undefined : environmentValue(env, about.env);
  if (written !== undefined && written !== '') option.default(fromEnvironment(option, written, about), `${written}`);
  else if (about.default !== undefined) option.default(about.default);
  command.addOption(option);
}

function fromEnvironment(option: Option, text: string, about: About): unknown {
  if (option.isBoolean()) return text === 'true' || text === '1';
  if (about.choices && !about.choices.includes(text)) {
    throw new InvalidArgumentError(
      `environment variable ${about.env}: \`${text}\` is not one of ${about.choices.join(', ')}`,
    );
  }
  return about.parse ? about.parse(text, undefined) : text;
}

/** Collects repeated and comma-separated values. */
export function collect(value: string, previous: unknown): string[] {
  const parts = value.split(',').filter((part) => part !== '');
  return [...(Array.isArray(previous) ? (previous as string[]) : []), ...parts];
}

/** A whole number from `min`. */
export function wholeNumber(min: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min)
      throw new InvalidArgumentError(`expected a whole number from ${min}, got \`${value}\``);
    return number;
  };
}

/** `true` or `false`, written out. */
export function trueOrFalse(value: string): boolean {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new InvalidArgumentError(`expected \`true\` or \`false\`, got \`${value}\``);
}

/** Where the configuration comes from. */
export interface ConfigFlags {
  readonly config: readonly string[];
  readonly configYaml: readonly string[];
  readonly configToml: readonly string[];
  readonly configJson: readonly string[];
  readonly configDir: readonly string[];
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

/** The folder of the default configuration, read when no other is named. */
export const DEFAULT_CONFIG_PATHS = ['/etc/sluice/sluice.yaml', '/etc/vector/vector.yaml'] as const;
