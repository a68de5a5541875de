// One case in our implementation, and the reply that says what became of it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromTagged, toTagged } from '../../src/cli/tagged.ts';
import { parsePath } from '../../src/event/path.ts';
import { Timestamp } from '../../src/event/timestamp.ts';
import { namedZone, UTC } from '../../src/event/timezone.ts';
import {
  type CompileOptions,
  compile,
  type Diagnostic,
  type Environment,
  Failure,
  outside,
  type Program,
  renderDiagnostics,
  stdlib,
} from '../../src/vrl/vrl.ts';
import type { Case } from './generate.ts';
import type { Described, Reply } from './reply.ts';

/** Paths in programs are relative to the repository, on both sides. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The functions of Vector that are no part of the language, and so not of the original that we compare with. */
const OF_VECTOR = /enrichment_table|vector_metric|_secret$|^set_semantic_meaning$/;

export const FUNCTIONS = [...stdlib, ...outside].filter(({ name }) => !OF_VECTOR.test(name));

export function oursReply(request: Case): Reply {
  try {
    return { id: request.id, ...answer(request) };
  } catch (error) {
    return { id: request.id, crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function answer(request: Case): Omit<Reply, 'id'> {
  const { source } = request;
  const compiled = compile(source, {
    functions: FUNCTIONS,
    environment: environmentOf(request),
    ...readOnlyOf(request),
  });
  if ('diagnostics' in compiled) {
    const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
    return { compile_error: described(source, errors, compiled.diagnostics) };
  }
  const { program, warnings } = compiled;
  return {
    ...run(program, request),
    ...(warnings.length > 0 ? { warnings: described(source, warnings, warnings) } : {}),
  };
}

function run(program: Program, request: Case): Omit<Reply, 'id'> {
  const kept = new Map<string, string>();
  const target = {
    value: fromTagged(request.event),
    metadata: {},
    secrets: {
      get: (key: string) => kept.get(key),
      set: (key: string, value: string) => void kept.set(key, value),
      remove: (key: string) => void kept.delete(key),
    },
  };
  const result = program.run(target);
  const event = toTagged(target.value);
  const metadata = toTagged(target.metadata);
  const changed = JSON.stringify(metadata) === '{}' ? { event } : { event, metadata };
  if (!(result instanceof Failure)) return { ok: toTagged(result), ...changed };
  if (result.kind === 'abort') return { abort: { message: result.message === '' ? null : result.message }, ...changed };
  return { runtime_error: result.message, ...changed };
}

function described(source: string, shown: readonly Diagnostic[], rendered: readonly Diagnostic[]): Described {
  return {
    codes: shown.map(({ code }) => code),
    labels: shown.map(({ labels }) => labels.map(({ span, primary }) => [span.start, span.end, primary] as const)),
    text: renderDiagnostics(rendered, source, { color: false }).trim(),
  };
}

function readOnlyOf({ read_only }: Case): Pick<CompileOptions, 'readOnly'> {
  if (read_only === undefined) return {};
  return {
    readOnly: read_only.map(({ target, path, recursive }) => {
      const parsed = parsePath(path);
      if (typeof parsed === 'string') throw new Error(parsed);
      return { path: { target: target === 'metadata' ? 'metadata' : 'event', segments: parsed.segments }, recursive };
    }),
  };
}

function environmentOf({ timezone }: Case): Environment {
  const name = timezone ?? 'UTC';
  return {
    timezone: { name, zone: namedZone(name) ?? UTC },
    now: () => Timestamp.fromMs(Date.now()),
    random: Math.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    log: () => {},
    enrichment: undefined,
    metrics: undefined,
    readFile(path) {
      try {
        return readFileSync(path === '' ? path : join(ROOT, path));
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
}
