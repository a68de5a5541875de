// The door of the schema: the vocabulary of configuration options and what is derived from it.

export { type Checked, check, describe, fieldsFor } from './check.ts';
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
  isPlainObject,
  map,
  type Option,
  type OptionInfo,
  type OptionType,
  object,
  oneOf,
  ParseProblem,
  parsed,
  plain,
  string,
  uint,
  variants,
} from './option.ts';
export { type ConfigPath, formatConfigPath, type Problem } from './problem.ts';
export { Substituted } from './substituted.ts';
