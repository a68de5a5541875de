// The JSON Schema of a whole configuration, for editors: the global options, and every component with the options that
// all of its kind have.

import { componentSchema, type Fields, type JsonSchema, membersSchema, shareSchemas } from '../schema/schema.ts';
import { builtIn } from './built_in.ts';
import { globalOptions } from './global_options.ts';
import { KINDS, type Kind, SECTION_OF } from './known_components.ts';
import { COMMON_OPTIONS, type Definition, definitionsOf, type Registry } from './registry.ts';

/** The schema accepts what loading a configuration with these components accepts, as far as a schema can say it. */
export function configurationSchema(registry: Registry = builtIn): JsonSchema {
  const globals = membersSchema(globalOptions as Fields, true);
  const sections = KINDS.map((kind) => [SECTION_OF[kind], sectionSchema(registry, kind)] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Sluice configuration',
    ...shareSchemas({
      ...globals,
      properties: { ...(globals['properties'] as JsonSchema), ...Object.fromEntries(sections) },
    }),
  };
}

const SECTION_DOCS: Readonly<Record<Kind, string>> = {
  source: 'Where events come from, by name.',
  transform: 'What is done with events, by name.',
  sink: 'Where events go to, by name.',
};

/** Components by name. What one may have follows from its type, which is how an editor knows what to complete. */
function sectionSchema(registry: Registry, kind: Kind): JsonSchema {
  const definitions = Object.values(definitionsOf(registry, kind));
  const component = {
    type: 'object',
    properties: { type: { description: `The type of the ${kind}.`, enum: definitions.map(({ type }) => type) } },
    required: ['type'],
    ...(definitions.length > 0 ? { allOf: definitions.map((definition) => caseOf(kind, definition)) } : {}),
  };
  return {
    description: SECTION_DOCS[kind],
    type: ['object', 'null'],
    propertyNames: { pattern: '^[^.]+$' },
    additionalProperties: component,
  };
}

function caseOf(kind: Kind, { type, summary, options }: Definition): JsonSchema {
  return {
    if: { properties: { type: { const: type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; the object is data and never awaited.
    then: componentSchema(type, { doc: summary, info: options.info }, COMMON_OPTIONS[kind]),
  };
}
