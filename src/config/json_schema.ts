// The JSON Schema of whole configurations, for editors: the global options, and every component with the options that
// all of its kind have.

import { bufferStage, sinkOptions, sourceOptions, transformOptions } from '../component/common_options.ts';
import {
  componentSchema,
  type Described,
  type Fields,
  type JsonSchema,
  membersSchema,
  type Option,
  shareSchemas,
} from '../schema/schema.ts';
import { globalOptions } from './global_options.ts';
import { sinks, sources, transforms } from './registry.gen.ts';

/** The schema that `sluice generate-schema` prints. */
export function configurationSchema(): JsonSchema {
  const globals = membersSchema(globalOptions, true);
  const schema = {
    ...globals,
    properties: {
      sources: section('Where events come from, each under a free name.', sources, sourceOptions),
      transforms: section('What happens to events on their way, each under a free name.', transforms, transformOptions),
      sinks: section('Where events go, each under a free name.', sinks, { ...sinkOptions, buffer: bufferOption() }),
      ...(globals['properties'] as JsonSchema),
    },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A configuration of Sluice',
    ...shareSchemas(schema),
  };
}

/** One stage, or a list of them. */
function bufferOption(): Option<unknown> {
  const stage = bufferStage() as Option<unknown>;
  return { ...stage, info: { ...stage.info, types: ['object', 'array'], items: stage } };
}

/** Components by name. What a component may have follows from its type. */
function section(
  description: string,
  registry: Readonly<Record<string, { readonly summary: string; readonly options: Described }>>,
  common: Fields,
): JsonSchema {
  const types = Object.keys(registry);
  const cases = Object.entries(registry).map(([type, { summary, options }]) => ({
    if: { properties: { type: { const: type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; the object is data and never awaited.
    then: componentSchema(type, { doc: summary, info: options.info }, common),
  }));
  const component = {
    type: 'object',
    properties: { type: { description: 'The type of the component.', enum: types } },
    required: ['type'],
    ...(cases.length > 0 ? { allOf: cases } : {}),
  };
  return { description, type: ['object', 'null'], additionalProperties: component };
}
