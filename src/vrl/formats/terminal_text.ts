// Text as it is left when a terminal takes out its escape sequences: what would be shown, and line feeds. All other
// control characters go. The states are those of a VT500's parser, with the changes that xterm made.

const GROUND = 0;
const ESCAPE = 1;
const ESCAPE_INTERMEDIATE = 2;
const CSI_ENTRY = 3;
const CSI_PARAMETER = 4;
const CSI_INTERMEDIATE = 5;
const CSI_IGNORE = 6;
const DCS_ENTRY = 7;
const DCS_PARAMETER = 8;
const DCS_INTERMEDIATE = 9;
/** Device control and other strings whose content is of no interest. */
const DCS_DATA = 10;
const STRING = 11;
/** Operating system commands, which a bell ends too. */
const OSC = 12;

const ESC = 0x1b;
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;

const CONTROL = /[\0-\x09\x0b-\x1f\x80-\x9f]/;

export function shownText(text: string): string {
  if (!CONTROL.test(text)) return text;
  let shown = '';
  let state = GROUND;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (state === GROUND) {
      if (code === ESC) state = ESCAPE;
      else if (code === 10 || (code >= 0x20 && code < 0x80) || code > 0x9f) shown += text[i];
      continue;
    }
    if (code === 10 && state < DCS_ENTRY) shown += '\n';
    if (state === DCS_DATA && code >= 0x80) {
      const rest = afterTerminator(text, i);
      if (rest !== undefined) {
        shown += rest;
        state = GROUND;
      }
      if (code >= 0xd800 && code <= 0xdbff) i += 1;
    } else state = next(state, code);
  }
  return shown;
}

function next(state: number, code: number): number {
  if (code === ESC) return ESCAPE;
  if (code === CANCEL || code === SUBSTITUTE) return GROUND;
  if (state === OSC) return code === 7 ? GROUND : OSC;
  if (state === STRING || state === DCS_DATA || code < 0x20 || code > 0x7e) return state;
  if (state === ESCAPE) return afterEscape(code);
  if (state === ESCAPE_INTERMEDIATE) return code < 0x30 ? state : GROUND;
  return state < DCS_ENTRY ? inControl(state, code) : inDeviceControl(state, code);
}

function afterEscape(code: number): number {
  if (code < 0x30) return ESCAPE_INTERMEDIATE;
  switch (String.fromCharCode(code)) {
    case 'P':
      return DCS_ENTRY;
    case '[':
      return CSI_ENTRY;
    case ']':
      return OSC;
    case 'X':
    case '^':
    case '_':
      return STRING;
    default:
      return GROUND;
  }
}

function inControl(state: number, code: number): number {
  if (code >= 0x40) return GROUND;
  if (state === CSI_IGNORE) return state;
  if (code < 0x30) return CSI_INTERMEDIATE;
  if (state === CSI_INTERMEDIATE) return CSI_IGNORE;
  return state === CSI_PARAMETER && code >= 0x3c ? CSI_IGNORE : CSI_PARAMETER;
}

function inDeviceControl(state: number, code: number): number {
  if (code >= 0x40) return DCS_DATA;
  if (code < 0x30) return DCS_INTERMEDIATE;
  // What is malformed is dropped like any other string.
  if (state === DCS_INTERMEDIATE) return STRING;
  return state === DCS_PARAMETER && code >= 0x3c ? STRING : DCS_PARAMETER;
}

const encoder = new TextEncoder();

/**
 * A byte 9C ends device control even in the middle of a character: what the rest of that character is shown as, or
 * undefined when it has no such byte.
 */
function afterTerminator(text: string, index: number): string | undefined {
  const bytes = encoder.encode(String.fromCodePoint(text.codePointAt(index)!));
  const end = bytes.indexOf(0x9c);
  if (end === -1) return undefined;
  let shown = '';
  for (const byte of bytes.subarray(end + 1)) if (byte > 0x9f) shown += '\ufffd';
  return shown;
}

/** The text of bytes that are not all UTF-8, as a terminal takes it. */
export function terminalText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const { code, length } = characterAt(bytes, i);
    if (code !== undefined) text += String.fromCodePoint(code);
    else if (i + length >= bytes.length && length < needed(bytes[i]!)) break;
    // A lone C1 control is executed, that is, dropped.
    else if (length > 1 || bytes[i]! > 0x9f) text += '\ufffd';
    i += length;
  }
  return text;
}

function needed(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** The character at a place; without code, how many bytes of a broken one to skip. */
function characterAt(bytes: Uint8Array, at: number): { readonly code: number | undefined; readonly length: number } {
  const lead = bytes[at]!;
  const length = needed(lead);
  if (length === 0) return { code: undefined, length: 1 };
  if (length === 1) return { code: lead, length };
  let code = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (byte === undefined || byte < low || byte > high) return { code: undefined, length: i };
    code = (code << 6) | (byte & 0x3f);
  }
  return { code, length };
}
