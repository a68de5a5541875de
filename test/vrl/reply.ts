// What a program came to, as the runner protocol says it, and where two such replies differ.

/** Diagnostics of one severity. Labels are `[start, end, primary]` in bytes of the source. */
export interface Described {
  readonly codes: readonly number[];
  readonly text: string;
  readonly labels?: readonly (readonly (readonly [number, number, boolean])[])[];
}

export interface Reply {
  readonly id: unknown;
  readonly ok?: unknown;
  readonly abort?: { readonly message: string | null };
  readonly runtime_error?: string;
  readonly compile_error?: Described;
  readonly crash?: string;
  readonly unsupported?: string;
  readonly event?: unknown;
  readonly metadata?: unknown;
  readonly warnings?: Described;
}

export const PHASES = ['ok', 'abort', 'runtime_error', 'compile_error', 'crash', 'unsupported'] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf(reply: Reply): Phase {
  return PHASES.find((phase) => phase in reply) ?? 'unsupported';
}

export type Aspect =
  | 'crash'
  | 'phase'
  | 'value'
  | 'event'
  | 'metadata'
  | 'error'
  | 'message'
  | 'codes'
  | 'spans'
  | 'warnings'
  | 'warning spans'
  | 'text';

export interface Difference {
  readonly aspect: Aspect;
  readonly ours: unknown;
  readonly theirs: unknown;
}

export interface CompareOptions {
  /** Only the kinds of values can be compared, as they vary. */
  readonly varies: boolean;
  /** Compare rendered diagnostics to the letter, too. */
  readonly text: boolean;
}

/** The first difference that counts; undefined when they agree, or when the original itself broke. */
export function difference(ours: Reply, theirs: Reply, options: CompareOptions): Difference | undefined {
  const [phase, wanted] = [phaseOf(ours), phaseOf(theirs)];
  if (wanted === 'crash' || wanted === 'unsupported') return undefined;
  if (phase === 'crash' || phase === 'unsupported')
    return { aspect: 'crash', ours: ours.crash ?? ours.unsupported, theirs: short(theirs) };
  if (phase !== wanted) return { aspect: 'phase', ours: short(ours), theirs: short(theirs) };
  for (const aspect of ASPECTS) {
    const [one, other] = [aspect.of(ours), aspect.of(theirs)];
    if (aspect.name === 'text' && !options.text) continue;
    const same = options.varies && aspect.isValue ? isSameKind(one, other) : isSameTagged(one, other);
    if (!same) return { aspect: aspect.name, ours: one, theirs: other };
  }
  return undefined;
}

const ASPECTS: readonly { readonly name: Aspect; readonly isValue?: true; readonly of: (reply: Reply) => unknown }[] = [
  { name: 'value', isValue: true, of: (reply) => reply.ok },
  { name: 'error', isValue: true, of: (reply) => reply.runtime_error },
  { name: 'message', isValue: true, of: (reply) => reply.abort?.message },
  { name: 'codes', of: (reply) => reply.compile_error?.codes },
  { name: 'spans', of: (reply) => primariesOf(reply.compile_error) },
  { name: 'event', isValue: true, of: (reply) => reply.event },
  { name: 'metadata', isValue: true, of: (reply) => reply.metadata },
  { name: 'warnings', of: (reply) => reply.warnings?.codes },
  { name: 'warning spans', of: (reply) => primariesOf(reply.warnings) },
  { name: 'text', of: (reply) => reply.compile_error?.text ?? reply.warnings?.text },
];

/** Where each diagnostic points first. */
export function primariesOf(described: Described | undefined): (readonly [number, number] | null)[] | undefined {
  return described?.labels?.map((labels) => {
    const primary = labels.find(([, , isPrimary]) => isPrimary);
    return primary ? [primary[0], primary[1]] : null;
  });
}

/** A reply in few words. */
export function short(reply: Reply): unknown {
  const phase = phaseOf(reply);
  if (phase === 'compile_error')
    return { compile_error: reply.compile_error!.codes, text: reply.compile_error!.text.slice(0, 300) };
  return { [phase]: reply[phase] };
}

/** Equality of tagged values: keys in any order, floats by value, `-0.0` apart from `0.0`. */
export function isSameTagged(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSameTagged(item, b[i]))
    );
  }
  const [mine, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(mine);
  if (keys.length !== Object.keys(other).length) return false;
  if (keys.length === 1 && keys[0] === '$float' && Object.hasOwn(other, '$float')) {
    return Object.is(floatOf(mine['$float']), floatOf(other['$float']));
  }
  return keys.every((key) => Object.hasOwn(other, key) && isSameTagged(mine[key], other[key]));
}

function floatOf(text: unknown): number {
  return text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Both absent, or of one kind; what is inside of arrays and objects varies with it. */
function isSameKind(a: unknown, b: unknown): boolean {
  return taggedKind(a) === taggedKind(b);
}

function taggedKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  if (typeof value !== 'object') return typeof value;
  const [key, ...others] = Object.keys(value);
  if (others.length > 0 || key === undefined || !key.startsWith('$') || key === '$object') return 'object';
  return key === '$bytes' ? 'string' : key === '$int' ? 'integer' : key.slice(1);
}
