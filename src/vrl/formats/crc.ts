// Cyclic redundancy checks of any width up to 128 bits, a byte at a time by a table. Registers of up to 32 bits are
// numbers; up to 64 two halves, as `bigint` is twenty times slower; wider ones (there is one) are `bigint`.
//
// A register that takes the highest bit first is kept at the upper end of its 32 or 64 bits, so that one loop fits all.

import { CRC_CATALOGUE } from './crc_catalogue.ts';

/** The checksum of bytes as unsigned decimal digits. */
export type Crc = (bytes: Uint8Array) => string;

interface Parameters {
  readonly width: number;
  readonly polynomial: bigint;
  readonly initial: bigint;
  readonly order: 'reflected' | 'plain' | 'turned';
  readonly final: bigint;
}

/** Engines made so far: at most one for each entry of the catalogue. */
const engines = new Map<string, Crc>();

/** The check of a name in the catalogue. */
export function crcOf(name: string): Crc | undefined {
  const made = engines.get(name);
  if (made !== undefined || !Object.hasOwn(CRC_CATALOGUE, name)) return made;
  const parameters = parametersOf(CRC_CATALOGUE[name]!);
  const { width } = parameters;
  const engine =
    width <= 32 ? narrowEngine(parameters) : width <= 64 ? halvesEngine(parameters) : wideEngine(parameters);
  engines.set(name, engine);
  return engine;
}

function parametersOf(line: string): Parameters {
  const [width, polynomial, initial, order, final] = line.split(' ') as [string, string, string, string, string];
  return {
    width: Number(width),
    polynomial: BigInt(`0x${polynomial}`),
    initial: BigInt(`0x${initial}`),
    order: order as Parameters['order'],
    final: BigInt(`0x${final}`),
  };
}

function narrowEngine({ width, polynomial, initial, order, final }: Parameters): Crc {
  const isReflected = order === 'reflected';
  const table = new Int32Array(256);
  const feedback = Number(
    BigInt.asIntN(32, isReflected ? reversed(polynomial, width) : polynomial << BigInt(32 - width)),
  );
  for (let byte = 0; byte < 256; byte++) table[byte] = isReflected ? stepDown(byte, feedback) : stepUp(byte, feedback);
  const start = Number(BigInt.asIntN(32, isReflected ? reversed(initial, width) : initial << BigInt(32 - width)));
  const xor = Number(final);
  return (bytes) => {
    let register = start;
    if (isReflected) {
      for (let i = 0; i < bytes.length; i++) register = (register >>> 8) ^ table[(register ^ bytes[i]!) & 255]!;
      return String((register ^ xor) >>> 0);
    }
    for (let i = 0; i < bytes.length; i++) register = (register << 8) ^ table[(register >>> 24) ^ bytes[i]!]!;
    const result = register >>> (32 - width);
    return String(((order === 'turned' ? Number(reversed(BigInt(result), width)) : result) ^ xor) >>> 0);
  };
}

/** A byte that comes in at the lower end, after eight steps. */
function stepDown(byte: number, feedback: number): number {
  let register = byte;
  for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? feedback : 0);
  return register;
}

/** A byte that comes in at the upper end, after eight steps. */
function stepUp(byte: number, feedback: number): number {
  let register = byte << 24;
  for (let bit = 0; bit < 8; bit++) register = (register << 1) ^ (register < 0 ? feedback : 0);
  return register;
}

function halvesEngine(parameters: Parameters): Crc {
  const { width, final, order } = parameters;
  const shift = BigInt(64 - width);
  const isReflected = order === 'reflected';
  const { table, start } = wideTable(parameters, 64);
  const high = Int32Array.from(table, (entry) => Number(BigInt.asIntN(32, entry >> 32n)));
  const low = Int32Array.from(table, (entry) => Number(BigInt.asIntN(32, entry)));
  const startHigh = Number(BigInt.asIntN(32, start >> 32n));
  const startLow = Number(BigInt.asIntN(32, start));
  return (bytes) => {
    let upper = startHigh;
    let lower = startLow;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (isReflected) {
        const index = (lower ^ byte) & 255;
        lower = ((lower >>> 8) | (upper << 24)) ^ low[index]!;
        upper = (upper >>> 8) ^ high[index]!;
      } else {
        const index = (upper >>> 24) ^ byte;
        upper = ((upper << 8) | (lower >>> 24)) ^ high[index]!;
        lower = (lower << 8) ^ low[index]!;
      }
    }
    const register = (BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0);
    return String((isReflected ? register : register >> shift) ^ final);
  };
}

function wideEngine(parameters: Parameters): Crc {
  const { width, final, order } = parameters;
  const isReflected = order === 'reflected';
  const { table, start } = wideTable(parameters, 128);
  return (bytes) => {
    let register = start;
    for (let i = 0; i < bytes.length; i++) {
      if (isReflected) register = (register >> 8n) ^ table[Number(register & 255n) ^ bytes[i]!]!;
      else register = BigInt.asUintN(128, register << 8n) ^ table[Number(register >> 120n) ^ bytes[i]!]!;
    }
    return String((isReflected ? register : register >> BigInt(128 - width)) ^ final);
  };
}

/** Table and first register of an engine whose register has `size` bits. */
function wideTable(
  parameters: Parameters,
  size: number,
): { readonly table: readonly bigint[]; readonly start: bigint } {
  const { width, polynomial, initial, order } = parameters;
  const isReflected = order === 'reflected';
  const shift = BigInt(size - width);
  const feedback = isReflected ? reversed(polynomial, width) : polynomial << shift;
  const top = 1n << BigInt(size - 1);
  const table = Array.from({ length: 256 }, (_, byte) => {
    let register = isReflected ? BigInt(byte) : BigInt(byte) << BigInt(size - 8);
    for (let bit = 0; bit < 8; bit++) {
      if (isReflected) register = (register >> 1n) ^ (register & 1n ? feedback : 0n);
      else register = BigInt.asUintN(size, register << 1n) ^ (register & top ? feedback : 0n);
    }
    return register;
  });
  return { table, start: isReflected ? reversed(initial, width) : initial << shift };
}

/** The lowest `width` bits in reverse. */
function reversed(bits: bigint, width: number): bigint {
  let out = 0n;
  for (let i = 0; i < width; i++) out = (out << 1n) | ((bits >> BigInt(i)) & 1n);
  return out;
}
