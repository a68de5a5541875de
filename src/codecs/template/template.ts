// Templates: text with `{{ path }}` for fields and `%` specifiers for the time of the event.
// A template is parsed once, when the configuration is checked; rendering allocates only its result.

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { getPath, type Path, parsePath } from '../../event/path.ts';
import { formatTime, isDynamic, parseStrftime, type StrftimeItem } from '../../event/strftime.ts';
import { textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { UTC, type Zone } from '../../event/timezone.ts';
import type { Clock } from '../../std/clock.ts';

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'time'; readonly items: readonly StrftimeItem[] }
  /** `text` is the path as it was written. */
  | { readonly kind: 'field'; readonly path: Path; readonly text: string };

export interface Template {
  /** As it was written. */
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

/** Where time comes from while rendering. */
export interface RenderContext {
  readonly logSchema: LogSchema;
  readonly clock: Clock;
  /** The zone times are written in; UTC unless the component has an option for it. */
  readonly zone?: Zone;
}

/** Why an event has no text: a field is missing, or its value breaks out of where the template may lead. */
export class RenderError {
  /** The `error_type` it is counted under. */
  readonly type: 'template_failed' | 'confinement_failed';
  readonly message: string;

  constructor(type: 'template_failed' | 'confinement_failed', message: string) {
    this.type = type;
    this.message = message;
  }
}

/** Text of an event, or why there is none. */
export type Renderer = (event: Event, type: EventType, context: RenderContext) => string | RenderError;

/**
 * Parses a template.
 * @returns the template, or text that says what is wrong and where.
 */
export function parseTemplate(text: string): Template | string {
  const parts: TemplatePart[] = [];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('{{', position);
    const problem = pushLiteral(parts, open < 0 ? text.slice(position) : text.slice(position, open));
    if (problem !== undefined) return problem;
    if (open < 0) break;
    const close = endOfField(text, open + 2);
    if (close < 0) return `the \`{{\` at character ${open + 1} is never closed with \`}}\``;
    const written = text.slice(open + 2, close).trim();
    if (written === '') return `the \`{{ }}\` at character ${open + 1} names no field`;
    const path = parsePath(written);
    if (typeof path === 'string') return path;
    parts.push({ kind: 'field', path, text: written });
    position = close + 2;
  }
  return { text, parts };
}

/** Where the `}}` that closes a field stands, quotes observed; -1 when there is none. */
function endOfField(text: string, start: number): number {
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '}' && text[i + 1] === '}') return i;
  }
  return -1;
}

function pushLiteral(parts: TemplatePart[], text: string): string | undefined {
  if (text === '') return undefined;
  const items = parseStrftime(text);
  if (typeof items === 'string') return `${items}; a percent sign is written \`%%\``;
  // Without any specifier the text stays as it is, `%%` too: Vector does the same.
  parts.push(isDynamic(items) ? { kind: 'time', items } : { kind: 'literal', text });
  return undefined;
}

/** The text of a template that is the same for all events; undefined when it is not. */
export function staticText(template: Template): string | undefined {
  let text = '';
  for (const part of template.parts) {
    if (part.kind !== 'literal') return undefined;
    text += part.text;
  }
  return text;
}

/** Whether values of the event go into the text. */
export function hasFields(template: Template): boolean {
  return template.parts.some(({ kind }) => kind === 'field');
}

/** The paths of the fields that a template reads, in order. */
export function fieldsOf(template: Template): readonly Path[] {
  return template.parts.flatMap((part) => (part.kind === 'field' ? [part.path] : []));
}

/** The text of `template` for an event, as it comes: what leads somewhere goes through `confinement.ts`. */
export function renderTemplate(
  template: Template,
  event: Event,
  type: EventType,
  context: RenderContext,
): string | RenderError {
  let text = '';
  for (const part of template.parts) {
    if (part.kind === 'literal') text += part.text;
    else if (part.kind === 'time') text += timeText(part.items, event, type, context);
    else {
      const value = fieldText(part, event, type);
      if (value === undefined) return missing(part.text);
      text += value;
    }
  }
  return text;
}

export function missing(field: string): RenderError {
  return new RenderError('template_failed', `field \`${field}\` is missing on the event`);
}

/** Text of the event's time. */
export function timeText(
  items: readonly StrftimeItem[],
  event: Event,
  type: EventType,
  { logSchema, clock, zone = UTC }: RenderContext,
): string {
  const timestamp = timestampOf(event, type, logSchema) ?? Timestamp.fromMs(clock.now());
  return formatTime(items, timestamp, zone);
}

/** The time of an event: a metric's own, that of a log or trace under the timestamp key of `log_schema`. */
export function timestampOf(event: Event, type: EventType, logSchema: LogSchema): Timestamp | undefined {
  if (type === 'metric') return (event as MetricEvent).timestamp;
  const path = logSchema.timestamp;
  if (!path) return undefined;
  const { value, metadata } = event as LogEvent;
  const found = getPath(path.target === 'metadata' ? metadata.value : value, path.segments);
  return found instanceof Timestamp ? found : undefined;
}

/** Text of a field; undefined when the event has none. Of a metric: `name`, `namespace` and `tags.KEY`. */
export function fieldText(
  part: { readonly path: Path; readonly text: string },
  event: Event,
  type: EventType,
): string | undefined {
  if (type === 'metric') return metricField(part, event as MetricEvent);
  const { value, metadata } = event as LogEvent;
  const found = getPath(part.path.target === 'metadata' ? metadata.value : value, part.path.segments);
  return found === undefined ? undefined : textOf(found);
}

function metricField(part: { readonly path: Path; readonly text: string }, metric: MetricEvent): string | undefined {
  const { target, segments } = part.path;
  if (target === 'metadata') {
    const found = getPath(metric.metadata.value, segments);
    return found === undefined ? undefined : textOf(found);
  }
  if (segments.length === 1 && segments[0] === 'name') return metric.name;
  if (segments.length === 1 && segments[0] === 'namespace') return metric.namespace;
  if (segments.length < 2 || segments[0] !== 'tags') return undefined;
  // Everything after `tags.` is the key as it stands, dots included; a quoted key is taken too.
  const key = part.text.slice(part.text.indexOf('tags.') + 5);
  const found = metric.tags?.get(key) ?? metric.tags?.get(String(segments[1]));
  return singleTag(found);
}

/** The one value of a tag: the last that is not bare. */
function singleTag(value: string | null | readonly (string | null)[] | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  return value.findLast((one) => one !== null) ?? undefined;
}
