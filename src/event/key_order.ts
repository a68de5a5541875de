// The order of members. Vector's objects are sorted by the bytes of their names, JavaScript's are not; and the objects of a
// stream have the same few sets of names over and over. So the sorted names of a set are kept, and found again by
// comparing pointers, which costs a tenth of sorting.

/** The names of an object in the order they were added, and in the order of their UTF-8 bytes. */
export interface KeyOrder {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly isSorted: boolean;
  /** Whether an object can have this order at all: names that are indices come first, whatever the order of adding. */
  readonly canBeSorted: boolean;
  /** How often it was asked for. */
  uses: number;
  /** Room for what is made from the names, as long as they are kept. */
  made: unknown;
}

const KEPT = 512;
/** Longer sets of names are sorted each time. */
const KEYS_MAX = 128;
const NAMES_LENGTH_MAX = 4096;

const kept: (KeyOrder | undefined)[] = new Array(KEPT).fill(undefined);

/** The names of an object and their order. Shared: not to be changed. */
export function keyOrder(object: object): KeyOrder {
  const keys = Object.keys(object);
  const { length } = keys;
  if (length === 0) return NONE;
  if (length > KEYS_MAX) return orderOf(keys);
  const first = keys[0]!;
  const last = keys[length - 1]!;
  const middle = keys[length >> 1]!;
  const slot =
    (length * 31 +
      first.length * 7 +
      last.length * 13 +
      middle.length * 3 +
      last.charCodeAt(0) +
      (first.charCodeAt(0) << 3)) &
    (KEPT - 1);
  const known = kept[slot];
  if (known !== undefined && isSame(known.keys, keys)) {
    known.uses++;
    return known;
  }
  const order = orderOf(keys);
  let size = 0;
  for (const key of keys) size += key.length;
  if (size <= NAMES_LENGTH_MAX) kept[slot] = order;
  return order;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function orderOf(keys: readonly string[]): KeyOrder {
  let isSorted = true;
  for (let i = 1; i < keys.length && isSorted; i++) isSorted = compareUtf8(keys[i - 1]!, keys[i]!) < 0;
  const canBeSorted = isSorted || !keys.some((key) => INDEX.test(key));
  return { keys, sorted: isSorted ? keys : sortUtf8([...keys]), isSorted, canBeSorted, uses: 0, made: undefined };
}

const INDEX = /^(?:0|[1-9]\d{0,9})$/;

const NONE: KeyOrder = { keys: [], sorted: [], isSorted: true, canBeSorted: true, uses: 0, made: undefined };

const SURROGATE = /[\ud800-\udfff]/;

/** Sorts by the order of UTF-8 bytes, which differs from that of UTF-16 only where surrogates are. */
export function sortUtf8(texts: string[]): string[] {
  return texts.some((text) => SURROGATE.test(text)) ? texts.sort(compareUtf8) : texts.sort();
}

/** Texts in the order of their UTF-8 bytes: that of their code points, which surrogates stand for. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates come after all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
