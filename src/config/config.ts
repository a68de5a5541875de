// The door of the configuration: from files to problems or a checked `Config`, and what goes with it.

export { builtIn } from './built_in.ts';
export type {
  BufferStage,
  Config,
  GlobalConfig,
  SinkConfig,
  SourceConfig,
  TransformConfig,
  UnitTest,
  UnitTestInput,
} from './checked.ts';
export { type Environment, type Interpolated, type Interpolation, interpolate } from './interpolate.ts';
export { configurationSchema } from './json_schema.ts';
export { knownComponents } from './known_components.ts';
export { type LoadRequest, type LoadResult, loadConfig, readConfigValue } from './load.ts';
export { memoryProblem } from './memory.ts';
export { type LocatedProblem, type Location, locationOf } from './problems.ts';
export type { Registry } from './registry.ts';
export { renderProblems } from './render_problems.ts';
export { type PlainFile, readPlain, readYamlValue, renderConfig, type WrittenFormat } from './write.ts';
