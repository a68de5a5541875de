// Judges replies of `vrl --batch` by what Vector's test vectors expect: `exact`, that is, it compiles, runs, fails or
// aborts where it should, with the right value, text or codes. Pure: cases and replies in, verdicts out.

/** A value as test vectors write it. */
type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json };

export interface VrlCase {
  readonly id: string;
  readonly source: string;
  readonly event: Json;
  readonly compare?: 'json' | 'value';
  readonly skip_reason?: string;
  readonly tags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Expectation;
}

interface Codes {
  readonly codes?: readonly number[];
  readonly messages?: readonly string[];
}

interface Expectation {
  readonly ok?: Json;
  readonly ok_or_abort_event?: Json;
  readonly abort?: { readonly event: Json };
  readonly runtime_error?: string;
  readonly function_error?: string;
  readonly compile_error?: Codes;
  readonly warnings?: Codes;
  readonly compiles?: true;
  readonly type?: string;
}

export interface VrlReply {
  readonly id?: string;
  readonly ok?: Json;
  readonly event?: Json;
  readonly abort?: unknown;
  readonly runtime_error?: string;
  readonly compile_error?: { readonly codes: readonly number[]; readonly text: string };
  readonly warnings?: { readonly codes: readonly number[]; readonly messages?: readonly string[] };
  readonly crash?: string;
}

const PHASES = ['ok', 'abort', 'runtime_error', 'compile_error'] as const;

/** Whether a reply is what the case expects. */
export function isExact({ expect, compare = 'json' }: VrlCase, reply: VrlReply): boolean {
  const got = PHASES.find((phase) => phase in reply);
  const compiled = got !== undefined && got !== 'compile_error';
  if (expect.compiles) return compiled;
  if (expect.warnings) return compiled && hasWarnings(expect.warnings, reply);
  if (expect.compile_error) return got === 'compile_error' && hasErrors(expect.compile_error, reply);
  if (expect.type !== undefined) return got === 'ok' && jsonType(reply.ok!) === expect.type;
  if (expect.runtime_error !== undefined) return got === 'runtime_error' && hasMessage(expect, reply.runtime_error!);
  if (expect.abort) return got === 'abort' && isSame(reply.event, expect.abort.event, compare);
  if ('ok_or_abort_event' in expect)
    return (
      (got === 'ok' || got === 'abort') &&
      isSame(got === 'ok' ? reply.ok : reply.event, expect.ok_or_abort_event, compare)
    );
  return got === 'ok' && isSame(reply.ok, expect.ok, compare);
}

function hasWarnings(wanted: Codes, { warnings }: VrlReply): boolean {
  const codes = warnings?.codes ?? [];
  const messages = warnings?.messages ?? [];
  if (JSON.stringify(codes) !== JSON.stringify(wanted.codes ?? [])) return false;
  if (!wanted.messages || messages.length === 0) return true;
  return (
    messages.length === wanted.messages.length &&
    wanted.messages.every((text, index) => messages[index]!.includes(text))
  );
}

function hasErrors(wanted: Codes, { compile_error: error }: VrlReply): boolean {
  if (!wanted.messages) return JSON.stringify(error!.codes) === JSON.stringify(wanted.codes);
  const heads = error!.text.split('\n').filter((line) => line.trim().startsWith('error[E'));
  const pairs = heads.slice(0, wanted.messages.length);
  return heads.length > 0 && pairs.every((head, index) => head.includes(wanted.messages![index]!));
}

function hasMessage({ runtime_error, function_error }: Expectation, text: string): boolean {
  return text === runtime_error || (function_error !== undefined && text.endsWith(`: ${function_error}`));
}

function isSame(a: Json | undefined, b: Json | undefined, mode: 'json' | 'value'): boolean {
  return JSON.stringify(lowered(a ?? null, mode)) === JSON.stringify(lowered(b ?? null, mode));
}

/** A tagged value in a form that compares as the mode says, keys in order. */
function lowered(value: Json, mode: 'json' | 'value'): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? ['int', String(value)] : ['float', value];
  if (Array.isArray(value)) return { list: value.map((item) => lowered(item, mode)) };
  const keys = Object.keys(value);
  if (keys.length !== 1) return members(value, mode);
  const [tag] = keys as [string];
  const inner = value[tag]!;
  switch (tag) {
    case '$int':
      return ['int', String(BigInt(inner as string))];
    case '$float':
      return loweredFloat(inner as string, mode);
    case '$timestamp':
      return mode === 'json' ? instant(inner as string) : ['timestamp', instant(inner as string)];
    case '$regex':
      return mode === 'json' ? inner : ['regex', inner];
    case '$bytes':
      return mode === 'json' ? Buffer.from(inner as string, 'base64').toString('utf8') : ['bytes', inner];
    case '$object':
      return members(inner as { readonly [key: string]: Json }, mode);
    default:
      return members(value, mode);
  }
}

function members(value: { readonly [key: string]: Json }, mode: 'json' | 'value'): unknown {
  const keys = Object.keys(value).sort();
  return { members: keys.map((key) => [key, lowered(value[key]!, mode)]) };
}

function loweredFloat(text: string, mode: 'json' | 'value'): unknown {
  const isNumber = !/inf|nan/i.test(text);
  if (!isNumber) return mode === 'json' ? null : ['float', text.toLowerCase()];
  // Minus zero equals zero, and the comparison is one of texts.
  return ['float', Number(text) + 0];
}

/** A time with 0, 3, 6 or 9 digits of a second. */
function instant(text: string): string {
  const match = /^(.*)\.(\d+)Z$/.exec(text);
  if (!match) return text;
  const digits = match[2]!.replace(/0+$/, '');
  const length = Math.ceil(digits.length / 3) * 3;
  return `${match[1]}${length > 0 ? `.${digits.padEnd(length, '0')}` : ''}Z`;
}

function jsonType(value: Json): string {
  const low = lowered(value, 'json');
  if (low === null) return 'null';
  if (typeof low === 'boolean' || typeof low === 'string') return typeof low;
  if (Array.isArray(low)) return 'number';
  return 'list' in (low as object) ? 'array' : 'object';
}
