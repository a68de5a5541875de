// `sluice generate sources/transforms/sinks`: a configuration to start from, wired and with defaults filled in.

import { existsSync, writeFileSync } from 'node:fs';
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

type Registry = Readonly<Record<string, { readonly options: Option<unknown> }>>;
type Written = Record<string, Record<string, unknown>>;

export function generate(expression: string, flags: Flags, { stdout, stderr }: Surroundings): number {
  const result = generated(expression, flags.fragment);
  if (Array.isArray(result)) {
    for (const problem of result) stderr.write(`error: ${problem}\n`);
    return EXIT.software;
  }
  const text = renderConfig(result, flags.format);
  stdout.write(text);
  if (flags.file === undefined) return EXIT.ok;
  if (existsSync(flags.file)) {
    stderr.write(`error: ${flags.file} exists already; it was left as it is\n`);
    return EXIT.software;
  }
  writeFileSync(flags.file, text);
  return EXIT.ok;
}

/** The configuration that an expression asks for, or what is wrong with the expression. */
export function generated(expression: string, fragment: boolean): Record<string, unknown> | string[] {
  const problems: string[] = [];
  const [sourceList = '', transformList = '', sinkList = '', ...more] = expression.split(/[/|]/);
  if (more.length > 0) problems.push(`\`${expression}\` has more than three parts; it is SOURCES/TRANSFORMS/SINKS`);
  const sourcesWritten = components(sourceList, 'source', builtIn.sources as Registry, problems);
  const transformsWritten = components(transformList, 'transform', builtIn.transforms as Registry, problems);
  const sinksWritten = components(sinkList, 'sink', builtIn.sinks as Registry, problems);
  if (problems.length > 0) return problems;
  const wired = (inputs: readonly string[], body: Record<string, unknown>): Record<string, unknown> => ({
    inputs: inputs.length > 0 ? inputs : ['component-id'],
    ...body,
  });
  let upstream = Object.keys(sourcesWritten);
  for (const [id, body] of Object.entries(transformsWritten)) {
    transformsWritten[id] = wired(upstream, body);
    upstream = [id];
  }
  for (const [id, body] of Object.entries(sinksWritten)) {
    sinksWritten[id] = {
      ...wired(upstream, body),
      healthcheck: { enabled: true, uri: null },
      buffer: { type: 'memory', max_events: 500, when_full: 'block' },
    };
  }
  const present = (name: string, written: Written): Record<string, unknown> =>
    Object.keys(written).length > 0 ? { [name]: written } : {};
  return {
    ...(fragment ? {} : { data_dir: '/var/lib/vector/' }),
    ...present('sources', sourcesWritten),
    ...present('transforms', transformsWritten),
    ...present('sinks', sinksWritten),
  };
}

function components(list: string, kind: string, registry: Registry, problems: string[]): Written {
  const written: Written = {};
  for (const [index, item] of list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .entries()) {
    const [name, type] = item.includes(':') ? (item.split(':', 2) as [string, string]) : [`${kind}${index}`, item];
    if (name === '') problems.push(`\`${item}\`: a component's name must not be empty`);
    else if (!Object.hasOwn(registry, type)) {
      const guess = nearest(type, Object.keys(registry));
      problems.push(`unknown ${kind} type \`${type}\`${guess === undefined ? '' : `; did you mean \`${guess}\`?`}`);
    } else written[name] = { ...(sampleOf(registry[type]!.options) as Record<string, unknown>), type };
  }
  return written;
}
