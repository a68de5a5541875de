// A reporter for node:test that writes one JSON line per finished test, for scripts/test.ts to count.

import { inspect } from 'node:util';

/** A finished test, or a line about the run of a file. */
export interface TestRecord {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly detail?: string;
  readonly file?: string;
  readonly line?: number;
}

/** The part of node:test's events that is read here. */
interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly line?: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: { readonly type?: string; readonly error?: unknown };
  };
}

/** The record of an event; undefined for suites, for parents that failed by their children, and for everything else. */
export function recordOf({ type, data }: TestEvent): TestRecord | undefined {
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  const { name = '', file, line, skip, todo, details } = data;
  const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  if (type === 'test:fail') {
    const error = details?.error as { failureType?: string; cause?: unknown } | undefined;
    if (error?.failureType === 'subtestsFailed') return undefined;
    return { name, outcome: 'failed', detail: describeError(error?.cause ?? error), ...place };
  }
  if (skip !== undefined || todo !== undefined) {
    const reason = [skip, todo].find((text) => typeof text === 'string' && text !== '');
    return { name, outcome: 'skipped', detail: String(reason ?? 'no reason given'), ...place };
  }
  return details?.type === 'suite' ? undefined : { name, outcome: 'passed', ...place };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error, { depth: 6 });
  // An assertion's message holds its diff already; its members would say everything twice.
  const isAssertion = (error as { code?: unknown }).code === 'ERR_ASSERTION';
  const text = isAssertion ? (error.stack ?? error.message) : inspect(error, { depth: 6 });
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*\(?node:internal\//.test(line))
    .join('\n');
}

export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    const record = recordOf(event);
    if (record !== undefined) yield `${JSON.stringify(record)}\n`;
  }
}
