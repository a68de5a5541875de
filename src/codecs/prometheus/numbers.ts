// Numbers as Prometheus' text has them.

import { displayFloat } from '../../event/text.ts';

export function formatNumber(value: number): string {
  const text = `${value}`;
  // Most numbers; the rest has an exponent, a name, or a sign that JavaScript leaves out.
  if (value !== 0 && /^[-0-9.]+$/.test(text)) return text;
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : displayFloat(value);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** The number, or nothing when the text is none. */
export function parseNumber(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const infinity = INFINITY.exec(text);
  if (infinity) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?nan$/i.test(text) ? Number.NaN : undefined;
}
