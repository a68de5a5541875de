// Why a log has no metric, counted by kind once per batch.

import type { ComponentError, Faults } from '../../telemetry/component_metrics.ts';

export class Failure {
  readonly error: Pick<ComponentError, 'type' | 'code'>;
  /** A sentence for people and the reason of the drop, from a closed list. */
  readonly reason: string;
  /** What it is about: the field, the value. */
  readonly about: string;

  constructor(error: Failure['error'], reason: string, about: string) {
    this.error = error;
    this.reason = reason;
    this.about = about;
  }
}

export const missingField = (field: string): Failure =>
  new Failure({ type: 'condition_failed', code: 'field_not_found' }, 'Field does not exist.', field);

export const nullField = (field: string): Failure =>
  new Failure({ type: 'condition_failed', code: 'field_null' }, 'Unable to convert null field.', field);

export const notNumber = (field: string): Failure =>
  new Failure({ type: 'parser_failed', code: 'failed_parsing_float' }, 'Failed to parse field as float.', field);

export const wrongKind = (field: string, kind: 'float' | 'int' | 'array' | 'string'): Failure =>
  new Failure(
    { type: 'parser_failed', code: `failed_parsing_${kind}` },
    `Failed to parse metadata of the metric as ${kind}.`,
    field,
  );

export const wrongWord = (field: string): Failure =>
  new Failure({ type: 'parser_failed', code: 'invalid_field_value' }, 'Field contained unsupported value.', field);

export const NO_DETAILS = new Failure(
  { type: 'parser_failed', code: 'missing_metric_details' },
  'Missing required metric details. Required one of gauge, distribution, aggregated_histogram, aggregated_summary, counter or set.',
  '.',
);

export const notRendered = (type: 'template_failed' | 'confinement_failed', about: string): Failure =>
  new Failure({ type }, 'Failed to render template.', about);

export const notExpanded = (key: string): Failure =>
  new Failure({ type: 'parser_failed' }, 'Failed to expand the key of a tag: its value is not a JSON object.', key);

/** Kinds of failures come from the lists above, so there are few in a batch. */
export class Failures {
  readonly #faults: Faults;
  readonly #counts = new Map<string, { readonly failure: Failure; count: number }>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  add(failure: Failure): void {
    const key = `${failure.error.code} ${failure.reason}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { failure, count: 1 });
  }

  /** Counts and says what was added since the last call. */
  settle(): void {
    if (this.#counts.size === 0) return;
    for (const { failure, count } of this.#counts.values()) {
      const { error, reason, about } = failure;
      this.#faults.error(reason, { ...error, stage: 'processing', fields: { field: about } }, count);
      this.#faults.discarded(count, reason, false);
    }
    this.#counts.clear();
  }
}
