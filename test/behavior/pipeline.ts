// Runs a configuration on an input to its end: what goes into standard input, what comes out of standard output.

import assert from 'node:assert/strict';
import { sluice } from '../e2e/process.ts';

export interface PipelineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

export interface PipelineRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of standard output, each parsed as JSON. */
  readonly events: Record<string, unknown>[];
}

/** Runs until the input is over; fails when the process ends with anything but 0. */
export async function pipeline(config: unknown, input: string, options: PipelineOptions = {}): Promise<PipelineRun> {
  await using process = sluice({ config, ...options });
  process.stdin.end(input);
  const { code } = await process.ended();
  const { stdout, stderr } = process;
  assert.equal(code, 0, stderr);
  return {
    stdout,
    stderr,
    get events() {
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}
