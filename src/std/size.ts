// Sizes in bytes as people write them.

const FACTORS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** The bytes of a text such as `128MiB`, `1.5 GB` or `1000000`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^\s*(\d[\d_]*(?:\.\d+)?)\s*([kmgt]i?)?b?\s*$/i.exec(text);
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]!.replaceAll('_', '')) * FACTORS[(match[2] ?? 'b').toLowerCase()]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in MiB, as it may be written: `128MiB`. */
export function formatMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)}MiB`;
}
