// The tags of a metric made of a log. A tag is a template, none at all (a bare tag), or several of both.
//
// A name that ends in `*` stands for many: the value is a JSON object, and each of its members is a tag, named by what
// comes before the `*` and the name of the member.

import { template } from '../../codecs/template/options.ts';
import {
  fieldText,
  parseTemplate,
  type RenderContext,
  RenderError,
  renderTemplate,
  staticText,
  type Template,
} from '../../codecs/template/template.ts';
import type { TransformContext } from '../../component/context.ts';
import type { LogEvent } from '../../event/event.ts';
import { parseJson } from '../../event/json.ts';
import type { Tags, TagValue } from '../../event/metric.ts';
import { sortedKeys, sortedStrings } from '../../event/object.ts';
import { textOf } from '../../event/text.ts';
import { isObject, type ObjectValue } from '../../event/value.ts';
import { array, either, type Option, ParseProblem, parsed } from '../../schema/schema.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type Failure, notExpanded } from './failures.ts';
import { TagCache } from './tag_cache.ts';

type TagTemplates = Template | readonly (Template | undefined)[] | undefined;

export interface TagConfig {
  readonly key: Template;
  /** Undefined stands for a bare tag. */
  readonly values: readonly (Template | undefined)[];
}

/** Tags that one JSON object may become. */
const EXPANDED_MAX = 1_000;

/** The value of a tag as it is configured. */
export function tagValue() {
  const doc = 'The value of the tag: nothing for a bare one, a list for several.';
  return either(template(doc), array(template('A value.', { optional: true }), 'The values.'), doc, {
    optional: true,
  });
}

/** Reads the names of the tags as templates. */
export function readTags(
  tags: Option<ReadonlyMap<string, TagTemplates> | undefined>,
): Option<readonly TagConfig[] | undefined> {
  return parsed(tags, (given): readonly TagConfig[] | ParseProblem => {
    const configs: TagConfig[] = [];
    for (const [name, values] of given) {
      const key = parseTemplate(name);
      if (typeof key === 'string') return new ParseProblem(`the name of the tag \`${name}\` is no template: ${key}`);
      configs.push({ key, values: isList(values) ? values : [values] });
    }
    return configs;
  });
}

function isList(values: TagTemplates): values is readonly (Template | undefined)[] {
  return Array.isArray(values);
}

/** Gives a tag to a metric, or says why the metric cannot be. */
type Tagger = (event: LogEvent, tags: Tags) => Failure | undefined;

export function tagRenderer(
  configs: readonly TagConfig[],
  rendering: RenderContext,
  { log, owns }: Pick<TransformContext, 'log' | 'owns'>,
): (event: LogEvent) => Tags | Failure {
  // Tags are in the order of their names: of templates without fields that is known before.
  const isFixed = configs.every(({ key }) => !(staticText(key) ?? '*').endsWith('*'));
  const names = sortedStrings(new Set(configs.map(({ key }) => key.text)));
  const inOrder = isFixed ? names.flatMap((name) => configs.filter(({ key }) => key.text === name)) : configs;
  const plain = isFixed ? plainTags(inOrder, rendering, log, owns) : undefined;
  if (plain) return plain;
  const taggers = inOrder.flatMap(({ key, values }) => values.map((value) => tagger(key, value, rendering, log)));
  return (event) => {
    const tags: Tags = new Map();
    for (const one of taggers) {
      const failure = one(event, tags);
      if (failure) return failure;
    }
    return isFixed ? tags : new Map(sortedStrings(tags.keys()).map((name) => [name, tags.get(name) as TagValue]));
  };
}

/** Tags that each have a name of their own and one value; undefined when there are others. */
function plainTags(
  configs: readonly TagConfig[],
  rendering: RenderContext,
  log: Logger,
  owns: TransformContext['owns'],
): ((event: LogEvent) => Tags) | undefined {
  const names = configs.map(({ key }) => staticText(key)!);
  if (new Set(names).size < names.length) return undefined;
  const templates = configs.map(({ values }) => (values.length === 1 ? values[0] : undefined));
  if (templates.length === 0 || !templates.every((value) => value !== undefined)) return undefined;
  const readers = templates.map((value) => textReader(value, rendering, log));
  const cache = new TagCache(names);
  owns('caches', { bytes: () => cache.sizeBytes });
  const texts = new Array<string | undefined>(readers.length);
  return (event) => {
    for (let i = 0; i < readers.length; i++) texts[i] = readers[i]!(event);
    return cache.get(texts);
  };
}

type ReadText = (event: LogEvent) => string | undefined;

/** The text of a template; undefined, and a line in the log, where an event has none. */
function textReader(part: Template, rendering: RenderContext, log: Logger): ReadText {
  const fixed = staticText(part);
  if (fixed !== undefined) return () => fixed;
  const [first] = part.parts;
  const field = part.parts.length === 1 && first?.kind === 'field' ? first : undefined;
  let isTold = false;
  return (event) => {
    // Nothing but a field is the usual template, and for that no text has to be put together, nor a reason.
    const plain = field && fieldText(field, event, 'log');
    if (plain !== undefined || (field && isTold)) return plain;
    const text = renderTemplate(part, event, 'log', rendering);
    if (!(text instanceof RenderError)) return text;
    if (isTold) return undefined;
    // Once for all events of a batch, which is done before anything else runs.
    isTold = true;
    queueMicrotask(() => {
      isTold = false;
    });
    log.warn('Failed to render the template of a tag', { template: part.text, error: text.message }, 'tag template');
    return undefined;
  };
}

function tagger(key: Template, value: Template | undefined, rendering: RenderContext, log: Logger): Tagger {
  const nameOf = textReader(key, rendering, log);
  const textOfValue = value && textReader(value, rendering, log);
  return (event, tags) => {
    const name = nameOf(event);
    if (name === undefined) return undefined;
    if (textOfValue === undefined) {
      addTag(tags, name, null);
      return undefined;
    }
    const text = textOfValue(event);
    if (text === undefined) return undefined;
    if (name.endsWith('*')) return expand(name, text, tags);
    addTag(tags, name, text);
    return undefined;
  };
}

/** A tag that is given again has several values, each once. */
function addTag(tags: Tags, name: string, value: string | null): void {
  if (!tags.has(name)) {
    tags.set(name, value);
    return;
  }
  const before = tags.get(name) as TagValue;
  const values = Array.isArray(before) ? before : [before];
  if (values.includes(value)) return;
  tags.set(name, [...values, value]);
}

function expand(name: string, text: string, tags: Tags): Failure | undefined {
  const object = objectOf(text);
  if (!object) return notExpanded(name);
  const prefix = name.slice(0, -1);
  for (const member of sortedKeys(object).slice(0, EXPANDED_MAX)) {
    const value = object[member]!;
    if (value !== null) addTag(tags, slug(prefix + member), textOf(value));
  }
  return undefined;
}

function objectOf(text: string): ObjectValue | undefined {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A name of letters, digits and underscores. */
function slug(name: string): string {
  return name.replace(/[^0-9A-Za-z_]/gu, '_').toLowerCase();
}
