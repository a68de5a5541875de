// Loads the configuration that the flags name, and says everything that is wrong with it.

import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  builtIn,
  type Config,
  type LoadRequest,
  type LocatedProblem,
  loadConfig,
  renderProblems,
} from '../config/config.ts';
import { wantsColour } from './log_writer.ts';
import { type ConfigFlags, DEFAULT_CONFIG_PATHS, type Environment } from './options.ts';
import type { Surroundings } from './program.ts';

export interface Loaded {
  readonly config: Config | undefined;
  readonly problems: readonly LocatedProblem[];
}

/** What was asked for, or the default file when nothing was. */
export function requestedPaths(flags: ConfigFlags): readonly string[] {
  const named = [
    ...(flags.config ?? []),
    ...(flags.configYaml ?? []),
    ...(flags.configToml ?? []),
    ...(flags.configJson ?? []),
    ...(flags.configDir ?? []),
  ];
  if (named.length > 0) return flags.config ?? [];
  return [DEFAULT_CONFIG_PATHS.find((path) => existsSync(path)) ?? DEFAULT_CONFIG_PATHS[0]];
}

export function load(
  flags: ConfigFlags & { readonly allowEmptyConfig?: boolean },
  env: Environment,
  more: Partial<Pick<LoadRequest, 'forTests' | 'text' | 'registry'>> = {},
): Promise<Loaded> {
  return loadConfig(requestOf(flags, env, more));
}

/** What the flags and the environment ask to be loaded, of the components of this build unless others are named. */
export function requestOf(
  flags: ConfigFlags & { readonly allowEmptyConfig?: boolean },
  env: Environment,
  more: Partial<Pick<LoadRequest, 'forTests' | 'text' | 'registry'>> = {},
): LoadRequest {
  return {
    ...more,
    config: requestedPaths(flags),
    configYaml: flags.configYaml ?? [],
    configToml: flags.configToml ?? [],
    configJson: flags.configJson ?? [],
    configDirs: flags.configDir ?? [],
    env: { ...env, HOSTNAME: env['HOSTNAME'] ?? hostname() },
    interpolation: flags.disableEnvVarInterpolation
      ? 'off'
      : flags.dangerouslyAllowEnvVarInterpolation
        ? 'dangerous'
        : 'default',
    allowEmpty: flags.allowEmptyConfig ?? false,
    registry: more.registry ?? builtIn,
  };
}

/** Loads and prints problems to standard error. Undefined when there was an error. */
export async function loadFromFlags(
  flags: ConfigFlags & { readonly color?: 'auto' | 'always' | 'never'; readonly allowEmptyConfig?: boolean },
  { env, stderr, registry }: Pick<Surroundings, 'env' | 'stderr' | 'registry'>,
  { showWarnings }: { readonly showWarnings: boolean },
): Promise<Config | undefined> {
  const { config, problems } = await load(flags, env, registry ? { registry } : {});
  const shown = problems.filter(({ severity }) => showWarnings || severity === 'error');
  if (shown.length > 0)
    stderr.write(renderProblems(shown, { colour: wantsColour(flags.color ?? 'auto', stderr, env) }));
  return config;
}
