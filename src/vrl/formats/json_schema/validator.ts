// The door of this folder: a document becomes a validator, or text that says why it is no schema.

import { getField } from '../../../event/object.ts';
import { isObject, type Value } from '../../../event/value.ts';
import { compileSchema } from './compile.ts';
import { metaSchema } from './meta_schema.ts';
import { type Finding, pointerOf, ROOT, SchemaProblem } from './node.ts';
import type { Draft } from './string_formats.ts';

/** What is wrong with a value, each with its place; empty when nothing is. */
export type SchemaValidator = (value: Value) => string[];

const DRAFTS: Readonly<Record<string, Draft>> = {
  'http://json-schema.org/draft-04/schema': 4,
  'http://json-schema.org/draft-06/schema': 6,
  'http://json-schema.org/draft-07/schema': 7,
  'https://json-schema.org/draft/2019-09/schema': 2019,
  'https://json-schema.org/draft/2020-12/schema': 2020,
};

export function schemaValidator(document: Value, ignoresUnknownFormats: boolean): SchemaValidator | string {
  try {
    const draft = draftOf(document);
    const findings: Finding[] = [];
    compileSchema(metaSchema(draft), { draft, ignoresUnknownFormats: true }).report(document, ROOT, findings);
    if (findings.length > 0) return findings[0]!.message;
    const node = compileSchema(document, { draft, ignoresUnknownFormats });
    return (value) => {
      const found: Finding[] = [];
      node.report(value, ROOT, found);
      return found.map(({ message, place }) => `${message} at ${pointerOf(place)}`);
    };
  } catch (error) {
    if (error instanceof SchemaProblem) return error.message;
    throw error;
  }
}

function draftOf(document: Value): Draft {
  const uri = isObject(document) ? getField(document, '$schema') : undefined;
  if (typeof uri !== 'string') return 2020;
  const draft = DRAFTS[uri.replace(/#$/, '')];
  if (draft !== undefined) return draft;
  throw new SchemaProblem(
    `Unknown meta-schema: '${uri}'. Custom meta-schemas must be registered in the registry before use`,
  );
}
