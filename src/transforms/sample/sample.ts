// Passes on a part of the events, and writes to each how large that part is.

import { template } from '../../codecs/template/options.ts';
import { buildCondition, type Condition, condition, conditionProblems } from '../../component/condition.ts';
import type { TransformContext } from '../../component/context.ts';
import { defineTransform, type Emit } from '../../component/define.ts';
import { eventPath, valueAt } from '../../component/event_paths.ts';
import { type KeyText, keyText } from '../../component/key_text.ts';
import { fieldKeyOr } from '../../component/source_keys.ts';
import { stateKeeper } from '../../component/state/state_keeper.ts';
import { keptState } from '../../component/state/state_option.ts';
import { joined, type Step } from '../../engine/segment/step.ts';
import { type Batch, decode, decodedBatch, finish } from '../../event/batch.ts';
import type { EventType, LogEvent } from '../../event/event.ts';
import { setField } from '../../event/object.ts';
import { type Path, setPath } from '../../event/path.ts';
import { textOf } from '../../event/text.ts';
import { cloneValue, isObject, type ObjectValue, toNumber } from '../../event/value.ts';
import { type ConfigOf, float, object, uint } from '../../schema/schema.ts';
import { keepsValue, rateText, SampleCounters, type SampleRate } from './sample_rate.ts';

const DISCARDED = 'Sample discarded.';

const options = object(
  'Sample events from an event stream based on supplied criteria and at a configurable rate.',
  {
    rate: uint('One of so many events is passed on: of 10, each tenth.', { optional: true, min: 1, examples: [1500] }),
    ratio: float('The part of the events that is passed on, above 0 and at most 1.', {
      optional: true,
      examples: [0.13],
      validate: (ratio) => (isRatio(ratio) ? undefined : `must be above 0 and at most 1, got ${ratio}`),
    }),
    rate_field: eventPath(
      'A field that says the rate of its event, a whole number from 1; where it does not, `rate` or `ratio` holds.',
      ['sample_rate_hint'],
    ),
    ratio_field: eventPath(
      'A field that says the ratio of its event, above 0 and at most 1; where it does not, `rate` or `ratio` holds.',
      ['sample_ratio_hint'],
    ),
    key_field: eventPath(
      'A field by whose value it is decided: of two events with the same value, both are passed on or none. Events without it are counted.',
      ['message'],
    ),
    group_by: template(
      'What events are counted by, each value on its own. Up to 50000 values are remembered: beyond it, the one seen longest ago begins anew, counted by `sluice_state_evictions_total`.',
      { optional: true, examples: ['{{ service }}', '{{ hostname }}-{{ service }}'] },
    ),
    exclude: condition('Events that meet this are passed on as they are, and do not count.', { optional: true }),
    sample_rate_key: fieldKeyOr(
      'sample_rate',
      'The field that the rate or ratio is written to, as text; empty to write none.',
    ),
    state: keptState(),
  },
  {
    required: true,
    checkAll: ({ rate_field, ratio_field }: Given) =>
      rate_field && ratio_field
        ? [[['ratio_field'], 'only one of `rate_field` and `ratio_field` can be given'] as const]
        : [],
  },
);

interface Given {
  readonly rate_field: unknown;
  readonly ratio_field: unknown;
}

type Config = ConfigOf<typeof options>;

export const transform = defineTransform({
  type: 'sample',
  status: 'stable',
  summary: 'Sample events from an event stream based on supplied criteria and at a configurable rate.',
  options,
  examples: [
    { title: 'One of ten, but all errors', config: `rate: 10\nexclude: .level == "error"` },
    { title: 'A fifth of all requests, whole', config: `ratio: 0.2\nkey_field: request_id` },
  ],
  sample: { rate: 10 },
  inputs: () => ['log', 'trace'],
  outputs: (_, inputs) => [{ port: undefined, types: inputs.filter((type) => type !== 'metric') }],
  verify({ rate, ratio, exclude }, setting) {
    const message = 'exactly one value must be provided for either `rate` or `ratio`, but not both';
    return [
      ...((rate === undefined) === (ratio === undefined) ? [{ severity: 'error' as const, path: [], message }] : []),
      ...(exclude ? conditionProblems(exclude, setting, ['exclude']) : []),
    ];
  },
  build(config, context) {
    const sampler = new Sampler(config, context);
    const keeper = stateKeeper(config.state, context, sampler.counters);
    if (keeper)
      return {
        start: (emit) => keeper.start(emit),
        step: () => 'it keeps its state over restarts',
        process: (batch, emit) => sampler.process(batch, emit),
        end: () => void keeper.end(),
      };
    return {
      // The counters are no plain data, so that no worker counts on its own.
      recipe: sampler.counters,
      step: () => sampler.step(),
      process: (batch, emit) => sampler.process(batch, emit),
    };
  },
});

function isRatio(value: number): boolean {
  return value > 0 && value <= 1;
}

class Sampler {
  readonly counters: SampleCounters;
  readonly #config: Config;
  readonly #context: TransformContext;
  readonly #fixed: SampleRate;
  readonly #exclude: Condition | undefined;
  readonly #group: KeyText | undefined;
  readonly #rateKey: Path | undefined;

  constructor(config: Config, context: TransformContext) {
    const { rate, ratio, exclude, group_by, sample_rate_key } = config;
    this.#config = config;
    this.#context = context;
    this.counters = new SampleCounters(context);
    this.#fixed = rate === undefined ? { kind: 'ratio', ratio: ratio! } : { kind: 'rate', rate };
    this.#exclude = exclude && buildCondition(exclude, context);
    this.#group = group_by && keyText(group_by, 'group_by', context);
    this.#rateKey = sample_rate_key === 'off' ? undefined : sample_rate_key;
  }

  step(): Step {
    const { rate_field, ratio_field, key_field } = this.#config;
    const reads = [rate_field, ratio_field, key_field].filter((path) => path !== undefined);
    const parts = [this.#exclude, this.#group].filter((part) => part !== undefined);
    const writes = this.#rateKey ? [this.#rateKey] : [];
    let discarded = 0;
    return {
      needs: joined([...parts.map(({ needs }) => needs), { reads, writes }]),
      run: (event) => {
        const rate = this.#sampled('log', event);
        if (rate === undefined) {
          discarded += 1;
          return 0;
        }
        if (rate !== 'excluded' && this.#rateKey && isObject(event.value))
          setPath(event.value, this.#rateKey.segments, rateText(rate));
        return 1;
      },
      settle: () => {
        this.#settle(discarded);
        discarded = 0;
      },
    };
  }

  process(given: Batch, emit: Emit): void {
    const batch = decode(given);
    const passed: LogEvent[] = [];
    for (const event of batch.events as readonly LogEvent[]) {
      const rate = this.#sampled(batch.type, event);
      if (rate !== undefined) passed.push(rate === 'excluded' ? event : this.#marked(event, rate));
    }
    this.#settle(batch.count - passed.length);
    if (passed.length > 0) emit(decodedBatch(batch.type, passed, batch.finalizer));
    else finish(batch);
  }

  /** The rate at which an event was chosen; undefined when it was not. */
  #sampled(type: EventType, event: LogEvent): SampleRate | 'excluded' | undefined {
    if (this.#exclude?.check(type, event)) return 'excluded';
    const rate = this.#rateOf(event);
    const isNext = this.counters.keepsNext(rate, this.#group?.of(event, type));
    const { key_field } = this.#config;
    const key = key_field && valueAt(event, key_field);
    return (key === undefined ? isNext : keepsValue(rate, textOf(key))) ? rate : undefined;
  }

  #rateOf(event: LogEvent): SampleRate {
    const { rate_field, ratio_field } = this.#config;
    const rate = rate_field && valueAt(event, rate_field);
    if (typeof rate === 'number' && Number.isInteger(rate) && rate > 0) return { kind: 'rate', rate };
    const ratio = ratio_field && toNumber(valueAt(event, ratio_field));
    return ratio !== undefined && isRatio(ratio) ? { kind: 'ratio', ratio } : this.#fixed;
  }

  /** A copy of an event, which others may see, with its rate on it. */
  #marked(event: LogEvent, rate: SampleRate): LogEvent {
    if (!this.#rateKey || !isObject(event.value)) return event;
    const { segments } = this.#rateKey;
    const isPlain = segments.length === 1 && typeof segments[0] === 'string';
    const value: ObjectValue = isPlain ? { ...event.value } : (cloneValue(event.value) as ObjectValue);
    if (isPlain) setField(value, segments[0] as string, rateText(rate));
    else setPath(value, segments, rateText(rate));
    return { value, metadata: event.metadata };
  }

  #settle(discarded: number): void {
    this.#context.faults.discarded(discarded, DISCARDED, true);
    this.counters.settle();
  }
}
