// Recorders around recorders: layers that change or divide what goes on to another one, and one where it all ends.

import {
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type Recorder,
  renamed,
  type SeriesDefinition,
} from './telemetry.ts';

/** Handles that record nothing. */
export const nothing: Counter & Gauge & Histogram = { add() {}, set() {}, record() {} };

/** Records nothing at all. */
export const silentRecorder: Recorder = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

/** Every name begins with `prefix`. */
export function prefixed(to: Recorder, prefix: string): Recorder {
  // A definition has to stay the same one for look-ups to be quick.
  const names = new WeakMap<SeriesDefinition, SeriesDefinition>();
  const rename = (definition: SeriesDefinition): SeriesDefinition => {
    let known = names.get(definition);
    if (!known) names.set(definition, (known = renamed(definition, prefix + definition.name)));
    return known;
  };
  return {
    counter: (definition, labels) => to.counter(rename(definition), labels),
    gauge: (definition, labels) => to.gauge(rename(definition), labels),
    histogram: (definition, labels) => to.histogram(rename(definition), labels),
  };
}

/** Only series for which `isWanted` holds go on; asked once for each handle. */
export function filtered(to: Recorder, isWanted: (definition: SeriesDefinition, labels: Labels) => boolean): Recorder {
  const choose = (definition: SeriesDefinition, labels: Labels = {}): Recorder =>
    isWanted(definition, labels) ? to : silentRecorder;
  return {
    counter: (definition, labels) => choose(definition, labels).counter(definition, labels),
    gauge: (definition, labels) => choose(definition, labels).gauge(definition, labels),
    histogram: (definition, labels) => choose(definition, labels).histogram(definition, labels),
  };
}

/** Everything is recorded in each of them. */
export function fannedOut(...recorders: readonly Recorder[]): Recorder {
  return {
    counter(definition, labels) {
      const all = recorders.map((recorder) => recorder.counter(definition, labels));
      return {
        add(count) {
          for (const one of all) one.add(count);
        },
      };
    },
    gauge(definition, labels) {
      const all = recorders.map((recorder) => recorder.gauge(definition, labels));
      return {
        set(value) {
          for (const one of all) one.set(value);
        },
        add(change) {
          for (const one of all) one.add(change);
        },
      };
    },
    histogram(definition, labels) {
      const all = recorders.map((recorder) => recorder.histogram(definition, labels));
      return {
        record(value) {
          for (const one of all) one.record(value);
        },
      };
    },
  };
}

/** `context` goes on every series; labels of a series itself come first. A `Registry` has `labelled`, which is quicker. */
export function labelled(to: Recorder, context: Labels): Recorder {
  return {
    counter: (definition, labels) => to.counter(definition, { ...context, ...labels }),
    gauge: (definition, labels) => to.gauge(definition, { ...context, ...labels }),
    histogram: (definition, labels) => to.histogram(definition, { ...context, ...labels }),
  };
}
