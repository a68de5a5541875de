// What `npm run new` writes: a component of each kind that works, with a test that shows it.

import { KINDS } from './components.ts';

export type Word = 'source' | 'transform' | 'sink';

/** The files of a new component: path from the repository to content. */
export function newComponent(word: Word, name: string): Map<string, string> {
  const kind = KINDS.find((one) => one.word === word)!;
  const folder = `src/${kind.folder}/${name}`;
  const { module, test } = TEMPLATES[word];
  return new Map([
    [`${folder}/${name}.ts`, module(name)],
    [`${folder}/${name}.test.ts`, test(name)],
    [`changelog.d/${name}_${word}.feature.md`, `New \`${name}\` ${word}.\n`],
  ]);
}

/** What is wrong with a name, or undefined. `taken`: names of that kind that exist. */
export function wrongName(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    return `\`${name}\` is no name: lower-case letters, digits and underscores, a letter first, as in \`http_server\``;
  }
  if (taken.includes(name)) return `\`${name}\` exists already`;
  return undefined;
}

interface Template {
  module(name: string): string;
  test(name: string): string;
}

const TEMPLATES: Readonly<Record<Word, Template>> = {
  source: { module: sourceModule, test: sourceTest },
  transform: { module: transformModule, test: transformTest },
  sink: { module: sinkModule, test: sinkTest },
};

function sourceModule(name: string): string {
  return `// Sends the same line a number of times, then ends.

import { defineSource } from '../../component/define.ts';
import { logBatch } from '../../event/batch.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { string, uint } from '../../schema/schema.ts';

export const source = defineSource({
  type: '${name}',
  status: 'experimental',
  summary: 'Send the same line a number of times.',
  options: {
    line: string('The text of each event.'),
    count: uint('How many events are sent.', { default: 1, unit: 'events' }),
  },
  examples: [{ title: 'Say hello three times', config: 'line: hello\\ncount: 3' }],
  acknowledges: false,
  outputs: () => [{ port: undefined, types: ['log'] }],
  build(config) {
    return {
      async run(output, stop) {
        for (let sent = 0; sent < config.count && !stop.aborted; sent++) {
          const value = { message: config.line, source_type: '${name}' };
          await output.send(logBatch([{ value, metadata: EMPTY_METADATA }]));
        }
      },
    };
  },
});
`;
}

function sourceTest(name: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSource } from '../../testing/component.ts';
import { source } from './${name}.ts';

test('sends the line as often as it is told', async () => {
  const running = await startSource(source, { line: 'hello', count: 2 });
  await running.ended;
  assert.deepEqual(running.values, [
    { message: 'hello', source_type: '${name}' },
    { message: 'hello', source_type: '${name}' },
  ]);
});
`;
}

function transformModule(name: string): string {
  return `// Drops events whose message does not hold a text.

import { defineTransform } from '../../component/define.ts';
import { decode, finish, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { string } from '../../schema/schema.ts';

export const transform = defineTransform({
  type: '${name}',
  status: 'experimental',
  summary: 'Keep the events whose message holds a text.',
  options: {
    text: string('What the message has to hold.'),
  },
  examples: [{ title: 'Keep errors', config: 'text: error' }],
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  build(config) {
    return {
      process(batch, emit) {
        const decoded = decode(batch);
        const kept = (decoded.events as readonly LogEvent[]).filter((event) => messageOf(event).includes(config.text));
        if (kept.length === 0) finish(decoded);
        else emit(logBatch(kept, decoded.finalizer));
      },
    };
  },
});

function messageOf({ value }: LogEvent): string {
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : undefined;
  return typeof message === 'string' ? message : '';
}
`;
}

function transformTest(name: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, logBatch } from '../../event/batch.ts';
import { log, parseConfig, testContext } from '../../testing/component.ts';
import { transform } from './${name}.ts';

test('keeps what holds the text', async () => {
  const { context } = testContext('transform', '${name}');
  const built = await transform.build(parseConfig(transform, { text: 'error' }), context);
  const emitted: Batch[] = [];
  built.process(logBatch([log('an error'), log('fine')]), (batch) => emitted.push(batch));
  assert.deepEqual(
    emitted.map((batch) => (batch.kind === 'decoded' ? batch.events : [])),
    [[log('an error')]],
  );
});
`;
}

function sinkModule(name: string): string {
  return `// Takes events and writes a log line about each batch.

import { acknowledgements } from '../../component/common_options.ts';
import { defineSink } from '../../component/define.ts';
import { type Batch, finish } from '../../event/batch.ts';
import { string } from '../../schema/schema.ts';

export const sink = defineSink({
  type: '${name}',
  status: 'experimental',
  summary: 'Say how many events have come.',
  options: {
    acknowledgements: acknowledgements(),
    greeting: string('What is said with each batch.', { default: 'Events came' }),
  },
  examples: [{ title: 'Say it politely', config: 'greeting: Thank you for the events' }],
  inputs: () => ['log', 'metric', 'trace'],
  build(config, context) {
    return {
      write(batch: Batch) {
        context.log.info(config.greeting, { events: batch.count });
        finish(batch);
        return undefined;
      },
      async end() {},
    };
  },
});
`;
}

function sinkTest(name: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { log, runSink } from '../../testing/component.ts';
import { sink } from './${name}.ts';

test('takes every batch and says how many events it had', async () => {
  const run = await runSink(sink, {}, [[log('a'), log('b')], [log('c')]]);
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
  assert.deepEqual(
    run.records.map(({ message }) => message),
    ['Events came', 'Events came'],
  );
});
`;
}
