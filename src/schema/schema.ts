// The door of the schema: the vocabulary of configuration options and what is derived from it.

export { type Checked, check, describe, fieldsFor, fieldsOf } from './check.ts';
export {
  componentSchema,
  type Described,
  type JsonSchema,
  jsonSchema,
  membersSchema,
  shareSchemas,
} from './json_schema.ts';
export { object, variants } from './object.ts';
export {
  anything,
  array,
  asciiChar,
  bool,
  type ConfigOf,
  either,
  type Fields,
  float,
  int,
  lazily,
  map,
  type Option,
  type OptionInfo,
  type OptionType,
  oneOf,
  ParseProblem,
  parsed,
  string,
  uint,
} from './option.ts';
export { type ConfigPath, formatConfigPath, type Problem, type View } from './problem.ts';
export { type ReferenceExample, type ReferencePage, referenceOptions, referencePage } from './reference_page.ts';
export { sampleOf } from './sample.ts';
export { isPlainObject, plain, Substituted } from './substituted.ts';
