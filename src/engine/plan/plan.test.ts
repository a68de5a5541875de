import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Path, parsePath } from '../../event/path.ts';
import type { LeafForm } from '../segment/leaf.ts';
import type { Needs, Replacement, Step } from '../segment/step.ts';
import { describe, isIdle, type PlanNode, planSegment } from './plan.ts';

const JSON_LINES: LeafForm = { form: 'json', delimiter: 10, message: undefined };

const paths = (...texts: readonly string[]): Path[] => texts.map((text) => parsePath(text) as Path);
const needs = (reads: readonly string[], writes: readonly string[] = []): Needs => {
  return { reads: paths(...reads), writes: paths(...writes) };
};

function step(own: Needs, replaces?: Replacement): Step {
  return { needs: own, ...(replaces ? { replaces } : {}), run: () => 1 };
}

function transform(id: string, does: Step | string, ...behind: readonly PlanNode[]): PlanNode {
  return { id, step: () => does, form: 'events', outputs: () => [behind] };
}

function sink(id: string, form: LeafForm): PlanNode {
  return { id, step: () => undefined, form, outputs: () => [] };
}

const parse = (rest: Needs): Step =>
  step(needs(['.message'], ['.']), {
    reads: paths('.message'),
    text: { format: 'json', path: ['message'], keepsOthers: false, needs: rest, run: () => 1 },
  });

test('a program that names its fields is told to be in tier 1, with the fields of those behind it', () => {
  const keep = transform('keep', step(needs(['.level'])), sink('out', JSON_LINES));
  const plan = planSegment(transform('edit', parse(needs(['.request.status'], ['.ok'])), keep));
  assert.deepEqual(describe(plan), [
    'edit: tier 1, indexes the JSON text and decodes request.status, ok, level',
    '  keep: tier 1, decodes level',
    '    out: frames of JSON, spliced from the text that came in',
  ]);
});

test('what wants the whole event is named as the reason, and what stands behind it', () => {
  const all = transform('all', step(needs(['.'])), sink('out', JSON_LINES));
  const plan = planSegment(transform('edit', parse(needs([])), all));
  const [first, second] = describe(plan);
  assert.match(
    first!,
    /^edit: tier 1, decodes message, then makes a whole event: behind the parsing, it reads the whole/,
  );
  assert.match(second!, /^ {2}all: tier 2, decodes the whole event: behind the parsing, it reads the whole event$/);
});

test('a component that keeps something ends a segment: it takes events', () => {
  const reduce = transform('reduce', 'it keeps something from one event to the next');
  const plan = planSegment(transform('keep', step(needs(['.a'])), reduce));
  assert.deepEqual(
    plan.leaves.map(({ id }) => id),
    ['reduce'],
  );
  assert.match(describe(plan)[1]!, /reduce: takes whole events: it keeps something/);
});

test('one consumer that takes events, or messages as they came, needs no segment', () => {
  const text: LeafForm = { form: 'text', delimiter: 10, message: undefined };
  for (const form of ['events', 'discard', text] as const)
    assert.equal(isIdle(planSegment(sink('out', form)).root), true);
  assert.equal(isIdle(planSegment(sink('out', JSON_LINES)).root), false);
});

test('ways that meet again count once for each, and a graph of too many ends in events', () => {
  let behind: PlanNode = sink('out', JSON_LINES);
  for (let i = 0; i < 12; i++) {
    const [a, b] = [transform(`a${i}`, step(needs([])), behind), transform(`b${i}`, step(needs([])), behind)];
    behind = transform(`fork${i}`, step(needs([])), a, b);
  }
  const plan = planSegment(behind);
  assert.ok(plan.steps.length <= 256);
  assert.ok([...plan.barriers.values()].every((reason) => reason.includes('more than 256')));
  assert.ok(plan.barriers.size > 0);
});
