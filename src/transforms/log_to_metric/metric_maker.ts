// Makes one metric of a log, as one entry of `metrics` says.

import {
  hasFields,
  type RenderContext,
  RenderError,
  renderTemplate,
  staticText,
  type Template,
  timestampOf,
} from '../../codecs/template/template.ts';
import type { TransformContext } from '../../component/context.ts';
import type { LogEvent } from '../../event/event.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { getPath, type Path, parsePath } from '../../event/path.ts';
import { textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { own, toNumber, type Value } from '../../event/value.ts';
import { Failure, missingField, notNumber, notRendered, nullField } from './failures.ts';
import { parseFloatText } from './parse_float.ts';
import { type TagConfig, tagRenderer } from './tags.ts';

export interface MetricConfig {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'set' | 'summary';
  readonly field: Template;
  readonly name: Template | undefined;
  readonly namespace: Template | undefined;
  readonly tags: readonly TagConfig[] | undefined;
  readonly increment_by_value?: boolean;
  readonly kind?: 'absolute' | 'incremental';
}

type Maker = (event: LogEvent) => MetricEvent | Failure;

export function metricMaker(config: MetricConfig, context: TransformContext): Maker {
  const { logSchema } = context.globals;
  const { clock } = context;
  const rendering: RenderContext = { logSchema, clock };
  const name = textRenderer(config.name ?? config.field, rendering);
  const namespace = config.namespace && textRenderer(config.namespace, rendering);
  const tagsOf = config.tags && tagRenderer(config.tags, rendering, context);
  const readValue = fieldReader(config, rendering);
  const kind = kindOf(config);
  return (event) => {
    const value = readValue(event);
    if (value instanceof Failure) return value;
    const named = name(event);
    if (typeof named !== 'string') return named;
    const spaced = namespace?.(event);
    if (spaced !== undefined && typeof spaced !== 'string') return spaced;
    const tags = tagsOf?.(event);
    if (tags instanceof Failure) return tags;
    const timestamp = timestampOf(event, 'log', logSchema) ?? Timestamp.fromMs(clock.now());
    const { metadata } = event;
    const metric: MetricEvent =
      tags !== undefined && tags.size > 0
        ? { name: named, timestamp, kind, value, metadata, tags }
        : { name: named, timestamp, kind, value, metadata };
    if (spaced !== undefined) metric.namespace = spaced;
    return metric;
  };
}

/** Whether all that matters of the field is that it is there and not null. */
export function isOnlyCounted({ type, increment_by_value }: MetricConfig): boolean {
  return type === 'counter' && !increment_by_value;
}

function kindOf(config: MetricConfig): MetricEvent['kind'] {
  if (config.type === 'counter') return config.kind ?? 'incremental';
  return config.type === 'gauge' ? 'absolute' : 'incremental';
}

function textRenderer(template: Template, rendering: RenderContext): (event: LogEvent) => string | Failure {
  const fixed = staticText(template);
  if (fixed !== undefined) return () => fixed;
  return (event) => {
    const text = renderTemplate(template, event, 'log', rendering);
    return text instanceof RenderError ? notRendered(text.type, template.text) : text;
  };
}

/** Makes the value of the field: the template is a path as it stands, or once its own fields are put in. */
function fieldReader(config: MetricConfig, rendering: RenderContext): (event: LogEvent) => MetricValue | Failure {
  const { field } = config;
  const read = valueReader(config);
  const valueAt = (event: LogEvent, path: Path | string, name: string): MetricValue | Failure => {
    const value = typeof path === 'string' ? undefined : readPath(event, path);
    if (value === undefined) return missingField(name);
    return value === null ? nullField(name) : read(value, name);
  };
  if (!hasFields(field)) {
    const path = parsePath(field.text);
    return (event) => valueAt(event, path, field.text);
  }
  const render = textRenderer(field, rendering);
  return (event) => {
    const name = render(event);
    return typeof name === 'string' ? valueAt(event, parsePath(name), name) : name;
  };
}

function readPath({ value, metadata }: LogEvent, { target, segments }: Path): Value | undefined {
  return getPath(target === 'metadata' ? metadata.value : value, segments);
}

/** Values are replaced and never written, so all logs may have the same. */
const ONE: MetricValue = { type: 'counter', value: 1 };

type ReadValue = (value: Value, field: string) => MetricValue | Failure;

function valueReader(config: MetricConfig): ReadValue {
  switch (config.type) {
    case 'counter':
      if (isOnlyCounted(config)) return () => ONE;
      return numeric((value) => ({ type: 'counter', value }));
    case 'gauge':
      return numeric((value) => ({ type: 'gauge', value }));
    case 'set':
      return (value) => ({ type: 'set', values: [own(textOf(value))] });
    case 'histogram':
    case 'summary': {
      const statistic = config.type;
      return numeric((value) => ({ type: 'distribution', samples: [{ value, rate: 1 }], statistic }));
    }
  }
}

function numeric(make: (value: number) => MetricValue): ReadValue {
  return (value, field) => {
    const number = toNumber(value) ?? parseFloatText(textOf(value));
    return number === undefined ? notNumber(field) : make(number);
  };
}
