// `sluice generate sources/transforms/sinks`: a configuration to start from, wired and with defaults filled in.

import { writeFileSync } from 'node:fs';
import { builtIn, renderConfig, type WrittenFormat } from '../config/config.ts';
import { type Option, sampleOf } from '../schema/schema.ts';
import { nearest } from '../std/suggest.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

interface Flags {
  readonly fragment: boolean;
  readonly file?: string;
  readonly format: WrittenFormat;
}

interface Generatable {
  readonly options: Option<unknown>;
  readonly sample?: Readonly<Record<string, unknown>>;
}

type Registry = Readonly<Record<string, Generatable>>;

/** The components that can be generated, by kind and type. */
export interface Components {
  readonly sources: Registry;
  readonly transforms: Registry;
  readonly sinks: Registry;
}

export function generate(
  expression: string,
  flags: Flags,
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
): number {
  const result = generated(expression, flags.fragment);
  const problems = Array.isArray(result) ? result : [];
  const text = Array.isArray(result) ? '' : renderConfig(result, flags.format);
  if (problems.length === 0 && flags.file !== undefined) problems.push(...written(flags.file, text));
  stdout.write(text);
  for (const problem of problems) stderr.write(`error: ${problem}\n`);
  return problems.length > 0 ? EXIT.software : EXIT.ok;
}

/** Writes a new file; what went wrong. */
function written(path: string, text: string): string[] {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return [];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [
      code === 'EEXIST' ? `${path} exists already; it was left as it is` : `${path} cannot be written: ${message}`,
    ];
  }
}

/** The configuration that an expression asks for, or what is wrong with the expression. */
export function generated(
  expression: string,
  fragment: boolean,
  { sources, transforms, sinks }: Components = builtIn,
): Record<string, unknown> | string[] {
  const problems: string[] = [];
  const [sourceList = '', transformList = '', sinkList = '', ...more] = expression.split(/[/|]/);
  if (more.length > 0) problems.push(`\`${expression}\` has more than three parts; it is SOURCES/TRANSFORMS/SINKS`);
  const taken = new Set<string>();
  const parts = {
    sources: components(sourceList, 'source', sources, taken, problems),
    transforms: components(transformList, 'transform', transforms, taken, problems),
    sinks: components(sinkList, 'sink', sinks, taken, problems),
  };
  if (problems.length > 0) return problems;
  let upstream = [...parts.sources.keys()];
  for (const [id, body] of parts.transforms) {
    parts.transforms.set(id, wired(upstream, body));
    upstream = [id];
  }
  for (const [id, body] of parts.sinks) {
    parts.sinks.set(id, {
      ...wired(upstream, body),
      healthcheck: { enabled: true, uri: null },
      buffer: { type: 'memory', max_events: 500, when_full: 'block' },
    });
  }
  const present = Object.entries(parts).filter(([, { size }]) => size > 0);
  return {
    ...(fragment ? {} : { data_dir: '/var/lib/vector/' }),
    ...Object.fromEntries(present.map(([name, members]) => [name, Object.fromEntries(members)])),
  };
}

type Body = Readonly<Record<string, unknown>>;

function wired(inputs: readonly string[], body: Body): Body {
  return { inputs: inputs.length > 0 ? inputs : ['component-id'], ...body };
}

/** The components of one part, by id. `taken` are the ids of the whole configuration. */
function components(
  list: string,
  kind: string,
  registry: Registry,
  taken: Set<string>,
  problems: string[],
): Map<string, Body> {
  const found = new Map<string, Body>();
  const items = list.split(',').map((part) => part.trim());
  for (const [index, item] of items.filter((part) => part !== '').entries()) {
    const colon = item.indexOf(':');
    const id = colon === -1 ? `${kind}${index}` : item.slice(0, colon).trim();
    const type = item.slice(colon + 1).trim();
    const problem = wrongName(id, item, taken) ?? wrongType(type, kind, registry);
    if (problem !== undefined) problems.push(problem);
    else found.set(id, { ...bodyOf(registry[type]!), type });
    taken.add(id);
  }
  return found;
}

function bodyOf({ options, sample }: Generatable): Body {
  return sample ?? (sampleOf(options) as Body);
}

function wrongName(id: string, item: string, taken: ReadonlySet<string>): string | undefined {
  if (id === '') return `\`${item}\`: a component's name must not be empty`;
  if (id.includes('.')) return `\`${id}\`: a component's name must not have a dot; what follows it would be an output`;
  return taken.has(id) ? `\`${id}\` is the name of two components` : undefined;
}

function wrongType(type: string, kind: string, registry: Registry): string | undefined {
  if (Object.hasOwn(registry, type)) return undefined;
  const guess = nearest(type, Object.keys(registry));
  return `unknown ${kind} type \`${type}\`${guess === undefined ? '' : `; did you mean \`${guess}\`?`}`;
}
