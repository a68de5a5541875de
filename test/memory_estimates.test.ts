// Who tells the ledger an estimate tells one that was measured: here it is measured again, with enough of a thing that
// nothing else matters.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricIncrements } from '../src/component/metric_increments.ts';
import { builtProgram } from '../src/component/programs.ts';
import { Checkpoints } from '../src/component/tail/checkpoints.ts';
import { CachedTexts, keptTextBytes } from '../src/engine/segment/cached_texts.ts';
import { FakeClock } from '../src/std/clock.ts';
import { Logger } from '../src/telemetry/log.ts';
import { LogTap } from '../src/telemetry/log_tap.ts';
import { testContext } from '../src/testing/component.ts';
import { liveHeapBytes } from '../src/testing/heap.ts';
import { counter } from '../src/testing/metrics.ts';
import { TagCache } from '../src/transforms/log_to_metric/tag_cache.ts';
import { compileRegex } from '../src/vrl/formats/regex.ts';
import { timeReader, timeWriter } from '../src/vrl/formats/time_format.ts';
import { keptFormatBytes, keptPatternBytes } from '../src/vrl/vrl.ts';

/** How far an estimate may be from what is measured: what things hold differs. */
const FACTOR = 1.6;

interface Held {
  /** What the owner says. */
  readonly bytes: () => number;
  /** Makes it hold a lot. */
  fill(): void;
}

/** Everything that is filled, so that nothing of it is collected. */
const held: Held[] = [];
const kept: unknown[] = [];

function isRight(what: string, make: () => Held): void {
  test(`the estimate is right for ${what}`, () => {
    const owner = make();
    held.push(owner);
    const [saidBefore, before] = [owner.bytes(), liveHeapBytes()];
    owner.fill();
    const said = owner.bytes() - saidBefore;
    const measured = liveHeapBytes() - before;
    assert.ok(measured > 200_000, `${measured} bytes are too few to tell`);
    const ratio = said / measured;
    assert.ok(ratio < FACTOR && ratio > 1 / FACTOR, `${said} bytes are said, ${measured} are measured`);
  });
}

isRight('positions in files', () => {
  const checkpoints = new Checkpoints('/nonexistent');
  return {
    bytes: () => checkpoints.heapBytes,
    fill() {
      for (let i = 0n; i < 20_000n; i++)
        checkpoints.set(
          { kind: 'dev_inode', device: 2_049n, inode: 1_234_567n + i },
          5e9 + Number(i),
          1.7e12 + Number(i),
        );
    },
  };
});

isRight('tags of logs', () => {
  const cache = new TagCache(['host', 'app']);
  return {
    bytes: () => cache.sizeBytes,
    fill() {
      for (let i = 0; i < 3_000; i++) cache.get([`host ${i}`, `app ${i}`]);
    },
  };
});

isRight('patterns', () => ({
  bytes: keptPatternBytes,
  fill() {
    for (let i = 0; i < 400; i++) {
      const pattern = compileRegex(`^(?P<a${i}>\\w+) (?P<b>[\\d.]+) \\[(?P<c>[^\\]]+)\\] "(?P<d>.*?)" x${i}$`);
      assert.ok(typeof pattern === 'object' && !pattern.test('not this'));
    }
  },
}));

isRight('formats of times', () => ({
  bytes: keptFormatBytes,
  fill() {
    for (let i = 0; i < 150; i++) timeReader(`%Y-%m-%dT%H:%M:%S%.f%z ${i}`);
    for (let i = 0; i < 150; i++) timeWriter(`%Y-%m-%dT%H:%M:%S%.f%z ${i}`);
  },
}));

isRight('lines that are told seldom', () => {
  const log = new Logger({ level: 'info', clock: new FakeClock(), rateLimitSecs: 100, write() {} });
  const child = log.child({ component_id: 'out', component_kind: 'sink', component_type: 'http' });
  return {
    bytes: () => log.heldBytes,
    fill() {
      for (let i = 0; i < 1_000; i++) child.error(`Something went wrong with number ${i}`, { error: `reason ${i}` });
    },
  };
});

isRight('lines of the start', () => {
  const tap = new LogTap();
  const log = new Logger({ level: 'info', clock: new FakeClock(), rateLimitSecs: 0, write() {}, tap });
  const child = log.child({ component_id: 'out', component_kind: 'sink', component_type: 'http' });
  return {
    bytes: () => tap.heldBytes,
    fill() {
      for (let i = 0; i < 1_000; i++) child.error(`Something went wrong with number ${i}`, { error: `reason ${i}` });
    },
  };
});

isRight('texts of fields', () => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => String(1_000_000_000_000 + i)).join(''));
  return {
    bytes: keptTextBytes,
    fill() {
      const fields = 50;
      const texts = new CachedTexts(bytes, fields);
      for (let field = 0; field < fields; field++)
        for (let i = 0; i < 1_000; i++) texts.at(field, 13 * i, 13 * (i + 1));
      kept.push(texts);
    },
  };
});

isRight('programs', () => {
  const { context, ledger } = testContext('transform', 'remap');
  // What compiling takes once.
  const programs = [builtProgram('.a = downcase(string!(.b)) + "c"\nif exists(.y) { .z = 1 }', context)];
  return {
    programs,
    bytes: () => ledger.bytesOf('programs'),
    fill() {
      for (let i = 0; i < 30; i++) {
        const lines = Array.from(
          { length: 10 },
          (_, k) => `.f${k}_${i} = downcase(string!(.x${k})) + "${k}"\nif exists(.y${k}) { .z${k} = 1 }`,
        );
        programs.push(builtProgram(lines.join('\n'), context));
      }
    },
  };
});

isRight('metrics that become increments', () => {
  const { context } = testContext('sink', 'statsd');
  const increments = new MetricIncrements(context);
  return {
    bytes: () => increments.sizeBytes,
    fill() {
      for (let i = 0; i < 10_000; i++)
        increments.next({ ...counter('c', i, { tags: { id: `id ${i}` } }), kind: 'absolute' });
    },
  };
});
