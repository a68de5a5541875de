// Punycode (RFC 3492): letters beyond ASCII as a tail of ASCII. Single labels, without their prefix `xn--`.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const INITIAL_BIAS = 72;
const INITIAL_CODE = 128;
const CODE_MAX = 0x10ffff;

/** Longer labels are not taken: encoding and decoding go over the whole label for each letter. */
const LABEL_MAX = 10_000;

function adapted(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / count);
  let bias = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) >> 1) {
    rest = Math.floor(rest / (BASE - T_MIN));
    bias += BASE;
  }
  return bias + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + 38));
}

function threshold(at: number, bias: number): number {
  return Math.min(Math.max(at - bias, T_MIN), T_MAX);
}

/** The text that a label stands for; undefined when it is none. */
export function punycodeDecode(label: string): string | undefined {
  if (label.length > LABEL_MAX) return undefined;
  const dash = label.lastIndexOf('-');
  const plain = dash > 0 ? label.slice(0, dash) : '';
  if (/[^\x00-\x7f]/.test(plain)) return undefined;
  const codes = Array.from(plain, (char) => char.charCodeAt(0));
  let code = INITIAL_CODE;
  let place = 0;
  let bias = INITIAL_BIAS;
  for (let at = dash > 0 ? dash + 1 : 0; at < label.length; ) {
    const before = place;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(label.charCodeAt(at++));
      if (digit === undefined) return undefined;
      place += digit * weight;
      if (place > 0xffffffff) return undefined;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
    }
    const count = codes.length + 1;
    bias = adapted(place - before, count, before === 0);
    code += Math.floor(place / count);
    place %= count;
    if (code > CODE_MAX || (code >= 0xd800 && code < 0xe000)) return undefined;
    codes.splice(place++, 0, code);
  }
  return codes.map((one) => String.fromCodePoint(one)).join('');
}

function digitOf(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 22;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 122 ? letter - 97 : undefined;
}

/** The label that text becomes; undefined when it is too long. */
export function punycodeEncode(text: string): string | undefined {
  if (text.length > LABEL_MAX) return undefined;
  const codes = Array.from(text, (char) => char.codePointAt(0)!);
  let out = codes
    .filter((code) => code < 128)
    .map((code) => String.fromCharCode(code))
    .join('');
  const plainCount = out.length;
  if (plainCount > 0) out += '-';
  let code = INITIAL_CODE;
  let delta = 0;
  let bias = INITIAL_BIAS;
  for (let handled = plainCount; handled < codes.length; ) {
    const next = codes.reduce((least, one) => (one >= code && one < least ? one : least), CODE_MAX + 1);
    delta += (next - code) * (handled + 1);
    code = next;
    for (const one of codes) {
      if (one < code) delta += 1;
      if (one !== code) continue;
      out += variableDigits(delta, bias);
      bias = adapted(delta, handled + 1, handled === plainCount);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    code += 1;
  }
  return out;
}

function variableDigits(number: number, bias: number): string {
  let rest = number;
  let out = '';
  for (let k = BASE; ; k += BASE) {
    const t = threshold(k, bias);
    if (rest < t) return out + toDigit(rest);
    const digit = t + ((rest - t) % (BASE - t));
    out += toDigit(digit);
    rest = Math.floor((rest - t) / (BASE - t));
  }
}

function toDigit(digit: number): string {
  return String.fromCharCode(digit < 26 ? digit + 97 : digit + 22);
}
