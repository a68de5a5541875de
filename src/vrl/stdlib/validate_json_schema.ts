// Checks JSON against a schema.

import { JsonError, parseJson } from '../../event/json.ts';
import type { Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { jsonError } from '../formats/json_error.ts';
import { type SchemaValidator, schemaValidator } from '../formats/json_schema/validator.ts';
import { defineFunction, type Environment, optional, required } from '../function.ts';

export const validateJsonSchema = defineFunction({
  name: 'validate_json_schema',
  category: 'Type',
  doc: 'Checks a JSON text against a JSON Schema, and fails when it does not conform.',
  notices: ['The schema is read once, when it is first needed; changes of the file show after a restart.'],
  parameters: [
    required('value', 'bytes', 'The JSON text.'),
    required('schema_definition', 'bytes', 'The path of the file with the schema, written out.', { compileTime: true }),
    optional(
      'ignore_unknown_formats',
      'boolean',
      'Whether formats of strings that are not known are let pass, instead of making the schema unusable.',
      { default: false },
    ),
  ],
  failures: [
    '`value` is not JSON, or does not conform.',
    'The file with the schema cannot be read, or is no schema.',
    'The schema names a format that is not known, and `ignore_unknown_formats` is not set.',
  ],
  returns: { kinds: ['boolean'], fallible: true },
  checkOrder: ['ignore_unknown_formats', 'value'],
  examples: [
    {
      title: 'A document of the right form',
      source: 'validate_json_schema!("{\\"a\\": 1}", "schema.json")',
      compileOnly: true,
    },
  ],
  prepare(call) {
    const path = lossy(call.literal('schema_definition') as string | Uint8Array);
    const { environment } = call;
    // By whether unknown formats are ignored.
    const validators = new Map<boolean, SchemaValidator>();
    return (value: string | Uint8Array, _path: undefined, ignoresUnknownFormats: boolean) => {
      const document = documentOf(value);
      if (document instanceof Failure) return document;
      let validator = validators.get(ignoresUnknownFormats);
      if (!validator) {
        const made = readSchema(path, ignoresUnknownFormats, environment);
        if (made instanceof Failure) return made;
        validator = made;
        validators.set(ignoresUnknownFormats, validator);
      }
      const findings = validator(document);
      return findings.length === 0 || fail(`JSON schema validation failed: ${findings.join(', ')}`);
    };
  },
});

function documentOf(value: string | Uint8Array): Value | Failure {
  if (value.length === 0) return fail('Empty JSON value');
  if (value === '\ufeff') return null;
  const parsed = parsedJson(value);
  return typeof parsed === 'string' ? fail(`Invalid JSON: ${parsed}`) : parsed.value;
}

const encoder = new TextEncoder();

/** The value of a JSON text, a byte order mark let pass; else what is wrong with it. */
function parsedJson(value: string | Uint8Array): { readonly value: Value } | string {
  const text = lossy(value);
  const start = text.startsWith('\ufeff') ? 1 : 0;
  try {
    if (typeof value === 'string') return { value: parseJson(text.slice(start), { unsigned: 'bigint' }) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  const bytes = typeof value === 'string' ? encoder.encode(text.slice(start)) : value;
  return jsonError(bytes) ?? 'invalid unicode code point at line 1 column 1';
}

function readSchema(path: string, ignoresUnknownFormats: boolean, environment: Environment): SchemaValidator | Failure {
  const bytes = path.includes('\0') ? NUL_IN_PATH : environment.readFile(path);
  if (typeof bytes === 'string')
    return fail(`JSON schema not found: Failed to open schema definition file '${path}': ${systemReason(bytes)}`);
  const parsed = parsedJson(lossy(bytes));
  if (typeof parsed === 'string')
    return fail(`JSON schema not found: Failed to parse schema definition file '${path}': ${parsed}`);
  const validator = schemaValidator(parsed.value, ignoresUnknownFormats);
  return typeof validator === 'string' ? fail(`Failed to compile schema: ${validator}`) : validator;
}

const NUL_IN_PATH = 'file name contained an unexpected NUL byte';

/** Reasons as the system words them, by the code that the host's text begins with. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory (os error 2)',
  EACCES: 'Permission denied (os error 13)',
  EISDIR: 'Is a directory (os error 21)',
  ENOTDIR: 'Not a directory (os error 20)',
  ENAMETOOLONG: 'File name too long (os error 36)',
};

function systemReason(text: string): string {
  return REASONS[/^E[A-Z]+/.exec(text)?.[0] ?? ''] ?? text;
}
