// From a document to a checked configuration: the global options, the components, and how they are connected.

import type { healthcheck } from '../component/common_options.ts';
import type { SinkDefinition, SourceDefinition, TransformDefinition } from '../component/define.ts';
import type { EventType } from '../event/event.ts';
import type { LogNamespace, LogSchema } from '../event/log_schema.ts';
import { type ConfigOf, check, isPlainObject, type Problem, plain } from '../schema/schema.ts';
import { DEFAULT_SMOOTHING } from '../telemetry/averages.ts';
import { acknowledging } from './acknowledgements.ts';
import { bufferProblems } from './buffers.ts';
import type { Config, GlobalConfig, SinkConfig, SourceConfig, TransformConfig } from './checked.ts';
import { type CheckedComponent, checkComponents, readComponents } from './components.ts';
import { type DocumentNode, type MapNode, memberOf } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { type Globals, globalOption, globalOptions, notYetDone } from './global_options.ts';
import { KINDS, type Kind, SECTION_OF } from './known_components.ts';
import { memoryProblem } from './memory.ts';
import { metricExpiry } from './metric_expiry.ts';
import type { Registry } from './registry.ts';
import { type Claim, claimPath, conflicts } from './resources.ts';
import { rawValue, type Substitution } from './substitute.ts';
import { filesDigest, filesOf, tablesDigest, verifyComponents } from './verify.ts';
import { type WiredNode, type Wiring, wire } from './wiring.ts';

export interface Assembly {
  readonly registry: Registry;
  readonly allowEmpty: boolean;
  readonly forTests?: boolean;
  /** Whether all files could be read: what is missing otherwise is no mistake of its own. */
  readonly isWhole: boolean;
  readonly files: readonly string[];
}

/** Adds what is wrong to `problems`. The result is a whole configuration only when there is no error among them. */
export function assemble(
  root: MapNode,
  assembly: Assembly,
  substitution: Substitution,
  problems: Problem[],
): Config | undefined {
  const globals = checkGlobals(root, substitution, problems);
  problems.push(...sectionProblems(root), ...tableProblems(globals.value));
  const written = readComponents(root, assembly.registry, substitution);
  const components = checkComponents(written, assembly.registry, problems);
  const namespace = namespaceOf(globals.value?.schema.log_namespace);
  for (const { raw, path, kind } of components)
    if (kind === 'sink') problems.push(...bufferProblems(raw?.['buffer'], [...path, 'buffer']));
  problems.push(...conflicts(claimsOf(root, components, globals.value)));
  if (assembly.isWhole && !assembly.allowEmpty) problems.push(...emptyProblems(components, root));
  const sources = components.filter(({ kind }) => kind === 'source').length;
  const tooLittle = memoryProblem(globals.value?.memory, sources, globals.value?.threads);
  if (tooLittle) problems.push(tooLittle);
  const isRelaxed = globals.value?.wildcard_matching === 'relaxed';
  const wiring = wire([...components.map(nodeOf), ...tableNodes(globals.value)], isRelaxed, assembly.forTests);
  const acks = acknowledging(
    components,
    (id) => (wiring.inputs.get(id) ?? []).map((output) => output.split('.')[0]!),
    globals.value?.acknowledgements.enabled,
  );
  if (assembly.isWhole) problems.push(...wiring.problems, ...acks.problems);
  const namespaces = namespacesOf(components, wiring, namespace);
  const tables = tablesDigest(globals.value?.enrichment_tables, globals.raw['enrichment_tables']);
  problems.push(
    ...verifyComponents(components, {
      timezone: globals.value?.timezone ?? 'local',
      tables: isPlainObject(globals.raw['enrichment_tables']) ? Object.keys(globals.raw['enrichment_tables']) : [],
      namespaces,
    }),
  );
  if (!globals.value || components.some(({ isValid }) => !isValid)) return undefined;
  const byKind = <T>(kind: Kind, make: (component: CheckedComponent) => T): ReadonlyMap<string, T> =>
    new Map(components.filter((component) => component.kind === kind).map((one) => [one.id, make(one)]));
  return {
    globals: globalConfig(globals.value, globals.raw),
    sources: byKind('source', (one) => sourceConfig(one, wiring, namespace, acks.sources.has(one.id))),
    transforms: byKind('transform', (one) => transformConfig(one, wiring, namespaces(one.id), tables)),
    sinks: byKind('sink', (one) => sinkConfig(one, wiring, namespaces(one.id))),
    files: [...new Set([...assembly.files, ...components.flatMap(filesOf)])],
    tests: globals.value.tests ?? [],
    enrichmentTables: globals.value.enrichment_tables ?? new Map(),
  };
}

/** The namespaces of the logs that reach each component: those of the sources above it. */
function namespacesOf(
  components: readonly CheckedComponent[],
  wiring: Wiring,
  global: LogNamespace,
): (id: string) => readonly LogNamespace[] {
  const own = new Map(
    components
      .filter(({ kind }) => kind === 'source')
      .map(({ id, common }) => {
        const isVector = common?.['log_namespace'] as boolean | undefined;
        return [id, isVector === undefined ? global : namespaceOf(isVector)] as const;
      }),
  );
  return (id) => {
    const found = new Set<LogNamespace>();
    const seen = new Set<string>();
    const waiting = [id];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const source = own.get(next);
      if (source) found.add(source);
      for (const output of wiring.inputs.get(next) ?? []) waiting.push(output.split('.')[0]!);
    }
    return found.size > 0 ? [...found].sort() : [global];
  };
}

interface CheckedGlobals {
  readonly value: Globals | undefined;
  readonly raw: Readonly<Record<string, unknown>>;
}

function checkGlobals(root: MapNode, substitution: Substitution, problems: Problem[]): CheckedGlobals {
  const members = new Map([...root.members].filter(([key]) => Object.hasOwn(globalOptions, key)));
  const raw = rawValue(substitution, { ...root, members }, globalOption, []) as Record<string, unknown>;
  const { value, problems: found } = check(globalOption, raw);
  problems.push(...found);
  for (const { key, message } of value ? notYetDone(value) : [])
    problems.push({ severity: 'warning', path: key.split('.'), message, atKey: true });
  return { value: value as Globals | undefined, raw };
}

/** `sources` and the others are objects. */
function sectionProblems(root: MapNode): Problem[] {
  return KINDS.flatMap((kind) => {
    const section = memberOf(root, SECTION_OF[kind]);
    const isFine = !section || section.kind === 'map' || (section.kind === 'scalar' && section.value === null);
    if (isFine) return [];
    const path = [SECTION_OF[kind]];
    return [
      { severity: 'error' as const, path, message: `\`${path[0]}\` is an object of ${kind}s by name`, atKey: true },
    ];
  });
}

function emptyProblems(components: readonly CheckedComponent[], root: MapNode): Problem[] {
  return (['source', 'sink'] as const)
    .filter((kind) => components.every((component) => component.kind !== kind))
    .filter((kind) => sectionProblems(root).every(({ path }) => path[0] !== SECTION_OF[kind]))
    .map((kind) => ({
      severity: 'error',
      path: [],
      message: `No ${kind}s defined in the config.`,
      hint: `add one below \`${SECTION_OF[kind]}\``,
    }));
}

function namespaceOf(isVector: boolean | undefined): LogNamespace {
  return isVector ? 'vector' : 'legacy';
}

/** What `inputs` says as far as it is a list of texts. */
function inputsOf({ kind, common, raw }: CheckedComponent): readonly string[] | undefined {
  if (kind === 'source') return [];
  if (common) return common['inputs'] as readonly string[];
  const written = plain(raw?.['inputs']);
  const isFine = Array.isArray(written) && written.every((input) => typeof input === 'string');
  return isFine ? written : undefined;
}

function nodeOf(component: CheckedComponent): WiredNode {
  const { kind, id, path, config } = component;
  const definition = config === undefined ? undefined : component.definition;
  const inputs = inputsOf(component);
  if (!definition) return { kind, id, path, inputs, accepts: undefined, outputs: undefined };
  if (kind === 'source') {
    const outputs = (definition as SourceDefinition<unknown>).outputs(config);
    return { kind, id, path, inputs, accepts: undefined, outputs: () => outputs };
  }
  const accepts = (definition as TransformDefinition<unknown> | SinkDefinition<unknown>).inputs(config);
  if (kind === 'sink') return { kind, id, path, inputs, accepts, outputs: undefined };
  const { outputs } = definition as TransformDefinition<unknown>;
  return { kind, id, path, inputs, accepts, outputs: (types) => outputs(config, types) };
}

/** Tables that take events, and the sources that some of them are. */
function tableNodes(globals: Globals | undefined): WiredNode[] {
  const unknown = { accepts: undefined, outputs: undefined };
  return [...(globals?.enrichment_tables ?? [])].flatMap(([id, table]): WiredNode[] => {
    const path = ['enrichment_tables', id];
    const node: WiredNode = { kind: 'enrichment table', id, path, ...unknown, accepts: ['log'], inputs: table.inputs };
    const key = table.type === 'memory' ? table.source_config?.source_key : undefined;
    if (key === undefined) return [node];
    return [node, { kind: 'source', id: key, path: [...path, 'source_config'], ...unknown, inputs: [] }];
  });
}

function tableProblems(globals: Globals | undefined): Problem[] {
  return [...(globals?.enrichment_tables ?? [])]
    .filter(([, table]) => table.type === 'memory' && table.source_config !== undefined)
    .map(([id]) => ({
      severity: 'error',
      path: ['enrichment_tables', id, 'source_config'],
      message: "tables that are sources are one of Vector's features that this version of Sluice does not have yet",
    }));
}

function claimsOf(root: MapNode, components: readonly CheckedComponent[], globals: Globals | undefined): Claim[] {
  const claims: Claim[] = [];
  if (globals?.api.enabled)
    claims.push({ owner: 'the API', resource: `tcp:${globals.api.address}`, path: ['api', 'address'] });
  for (const { id, path, definition, config } of components) {
    if (!definition || config === undefined) continue;
    const node: DocumentNode | undefined = path.reduce<DocumentNode | undefined>(
      (current, part) => memberOf(current, String(part)),
      root,
    );
    for (const resource of definition.resources?.(config) ?? [])
      claims.push({ owner: `\`${id}\``, resource, path: claimPath(resource, node, path) });
  }
  return claims;
}

function globalConfig(globals: Globals, raw: Readonly<Record<string, unknown>>): GlobalConfig {
  const { log_schema: keys, healthchecks, api } = globals;
  const logSchema: LogSchema = {
    host: keys.host_key,
    message: keys.message_key,
    metadata: keys.metadata_key,
    sourceType: keys.source_type_key,
    timestamp: keys.timestamp_key,
  };
  return {
    dataDir: globals.data_dir,
    timezone: globals.timezone ?? 'local',
    logSchema,
    logNamespace: namespaceOf(globals.schema.log_namespace),
    proxy: globals.proxy,
    healthchecks: { enabled: healthchecks.enabled, requireHealthy: healthchecks.require_healthy },
    memoryBytes: globals.memory,
    threads: globals.threads,
    api: { enabled: api.enabled, address: api.address },
    smoothing: {
      latencyAlpha: globals.latency_ewma_alpha ?? DEFAULT_SMOOTHING.latencyAlpha,
      bufferHalfLifeSecs: globals.buffer_utilization_ewma_half_life_seconds ?? DEFAULT_SMOOTHING.bufferHalfLifeSecs,
    },
    telemetryTags: {
      emitService: globals.telemetry.tags.emit_service,
      emitSource: globals.telemetry.tags.emit_source,
    },
    metricExpiry: metricExpiry(globals),
    fingerprint: fingerprint(Object.fromEntries(Object.entries(raw).filter(([key]) => !RELOADABLE.has(key)))),
  };
}

/** Global options that are no property of the process: changing them changes what is below them. */
const RELOADABLE: ReadonlySet<string> = new Set([
  'secret',
  'tests',
  'enrichment_tables',
  'healthchecks',
  'provider',
  'expire_metrics',
  'expire_metrics_secs',
  'expire_metrics_per_metric_set',
]);

function sourceConfig(
  component: CheckedComponent,
  wiring: Wiring,
  namespace: LogNamespace,
  acknowledgements: boolean,
): SourceConfig {
  const { id, definition, config, common, raw } = component;
  const shared = common as SourceConfig['common'];
  const logNamespace = shared.log_namespace === undefined ? namespace : namespaceOf(shared.log_namespace);
  return {
    id,
    definition: definition as SourceDefinition<unknown>,
    config,
    common: shared,
    outputs: wiring.outputs.get(id) ?? [],
    logNamespace,
    acknowledgements,
    fingerprint: fingerprint(raw, logNamespace, acknowledgements, filesDigest(component)),
  };
}

interface Wired {
  readonly inputs: readonly string[];
  readonly inputTypes: readonly EventType[];
}

function wiredInputs(id: string, wiring: Wiring): Wired {
  return { inputs: wiring.inputs.get(id) ?? [], inputTypes: wiring.inputTypes.get(id) ?? [] };
}

function transformConfig(
  component: CheckedComponent,
  wiring: Wiring,
  logNamespaces: readonly LogNamespace[],
  tables: string | undefined,
): TransformConfig {
  const { id, definition, config, common, raw } = component;
  const wired = wiredInputs(id, wiring);
  return {
    id,
    definition: definition as TransformDefinition<unknown>,
    config,
    common: common as TransformConfig['common'],
    ...wired,
    logNamespaces,
    outputs: wiring.outputs.get(id) ?? [],
    fingerprint: fingerprint(raw, wired, logNamespaces, filesDigest(component), definition?.verify && tables),
  };
}

function sinkConfig(component: CheckedComponent, wiring: Wiring, logNamespaces: readonly LogNamespace[]): SinkConfig {
  const { id, definition, config, common, raw } = component;
  const shared = common as SinkConfig['common'];
  const wired = wiredInputs(id, wiring);
  const checks: ConfigOf<ReturnType<typeof healthcheck>> = {
    ...shared.healthcheck,
    uri: shared.healthcheck.uri ?? shared.healthcheck_uri,
  };
  return {
    id,
    definition: definition as SinkDefinition<unknown>,
    config,
    common: shared,
    ...wired,
    logNamespaces,
    buffer: shared.buffer,
    healthcheck: checks,
    fingerprint: fingerprint(raw, wired, logNamespaces, filesDigest(component)),
  };
}
