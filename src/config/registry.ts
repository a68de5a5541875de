// The components that a configuration may use, by name.

import { sinkOptions, sourceOptions, transformOptions } from '../component/common_options.ts';
import type { SinkDefinition, SourceDefinition, TransformDefinition } from '../component/define.ts';
import { type Fields, lazily, type Option, oneOf } from '../schema/schema.ts';
import type { Kind } from './known_components.ts';

/** A definition whatever its configuration is: `never` takes the functions that want to be given one. */
type Erased<D> = Omit<D, 'options'> & { readonly options: Option<unknown> };

export interface Registry {
  readonly sources: Readonly<Record<string, Erased<SourceDefinition<never>>>>;
  readonly transforms: Readonly<Record<string, Erased<TransformDefinition<never>>>>;
  readonly sinks: Readonly<Record<string, Erased<SinkDefinition<never>>>>;
}

export type Definition = SourceDefinition<unknown> | TransformDefinition<unknown> | SinkDefinition<unknown>;

/** The definitions of a kind. Each is given only configurations that its own options have parsed. */
export function definitionsOf(registry: Registry, kind: Kind): Readonly<Record<string, Definition>> {
  const { sources, transforms, sinks } = registry;
  const definitions = { source: sources, transform: transforms, sink: sinks }[kind];
  return definitions as unknown as Readonly<Record<string, Definition>>;
}

/** The options that all components of a kind have. */
export const COMMON_OPTIONS = {
  source: sourceOptions,
  transform: transformOptions,
  sink: sinkOptions,
} as const;

/** One for each definition, however many components there are of it. */
const WHOLE = new WeakMap<Definition, Option<unknown>>();

/** The option that stands for a whole component as it is written: its own options, the common ones, and `type`. */
export function componentOption(kind: Kind, definition: Definition): Option<unknown> {
  const known = WHOLE.get(definition);
  if (known) return known;
  const { doc, info } = definition.options;
  const type = oneOf([definition.type], `The type of the ${kind}.`);
  const fields: Fields = { ...info.fields, ...COMMON_OPTIONS[kind], ...ownFirst(info.fields, kind), type };
  const option = lazily(doc, { ...info, fields }, () => definition.options.schema);
  WHOLE.set(definition, option);
  return option;
}

/** A component that declares a common option itself knows better what it means there. */
function ownFirst(own: Fields | undefined, kind: Kind): Fields {
  const shared = Object.keys(COMMON_OPTIONS[kind]).filter((name) => own && Object.hasOwn(own, name));
  return Object.fromEntries(shared.map((name) => [name, own![name]!]));
}
