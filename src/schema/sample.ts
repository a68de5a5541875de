// A configuration made from options alone: what `generate` prints, and what a test checks to be valid.

import type { Fields, Option } from './option.ts';

/**
 * Values for the options that a person should see: defaults, and examples for what is required. Optional options
 * without default are left out.
 */
export function sampleOf(option: Option<unknown>): unknown {
  const { info } = option;
  if (info.default !== undefined && !info.fields) return info.default;
  if (info.examples && info.examples.length > 0 && !info.fields) return info.examples[0];
  if (info.variants) {
    const { tag, cases } = info.variants;
    const chosen = tagSample(info.fields![tag]!, Object.keys(cases));
    return sampleFields({ ...info.fields, ...cases[chosen] }, { [tag]: chosen });
  }
  if (info.fields) return sampleFields(info.fields, {});
  if (info.enum) return info.enum.includes('json') ? 'json' : info.enum[0];
  const [type] = info.types;
  if (type === 'array') return info.items ? [sampleOf(info.items)] : [];
  if (type === 'object') return {};
  if (type === 'bool') return false;
  if (type === 'ascii_char') return ',';
  if (type === 'string' || type === 'condition') return 'replace-me';
  return Math.max(1, info.min ?? 1);
}

function tagSample(option: Option<unknown>, names: readonly string[]): string {
  const { default: fallback } = option.info;
  return typeof fallback === 'string' ? fallback : names.includes('json') ? 'json' : names[0]!;
}

function sampleFields(fields: Fields, fixed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(fields)) {
    if (Object.hasOwn(fixed, name)) result[name] = fixed[name];
    else if (isShown(option)) result[name] = sampleOf(option);
  }
  return result;
}

function isShown({ info }: Option<unknown>): boolean {
  if (info.hidden || info.deprecated !== undefined) return false;
  if (info.required) return true;
  if (info.fields)
    return info.variants !== undefined && Object.values(info.fields).some((field) => field.info.default !== undefined);
  if (isEmpty(info.default)) return false;
  if (typeof info.default === 'number' && info.default > Number.MAX_SAFE_INTEGER) return false;
  return info.default !== undefined;
}

/** Whether there is nothing to see in a default. */
function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
