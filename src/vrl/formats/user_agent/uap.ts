// User agents by the expressions of uap-core: the first that matches tells browser, system or device, with its captures
// or with texts that stand for them.

import { type CompiledRegex, compileRegex, type RegexMatch } from '../regex.ts';
import { trimText } from '../utf8_text.ts';
import { Prefilter } from './prefilter.ts';
import { BROWSERS, DEVICES, SYSTEMS } from './regexes.ts';

export interface UapBrowser {
  readonly family: string;
  readonly major: string | null;
  readonly minor: string | null;
  readonly patch: string | null;
}

export interface UapSystem extends UapBrowser {
  readonly patchMinor: string | null;
}

export interface UapDevice {
  readonly family: string;
  readonly brand: string | null;
  readonly model: string | null;
}

export function browserOf(agent: string): UapBrowser | undefined {
  const found = browsers().find(agent);
  if (!found) return undefined;
  const { match, texts } = found;
  return {
    family: familyText(match, texts[1]),
    major: texts[2] || captured(match, 2),
    minor: texts[3] || captured(match, 3),
    patch: texts[4] || captured(match, 4),
  };
}

export function systemOf(agent: string): UapSystem | undefined {
  const found = systems().find(agent);
  if (!found) return undefined;
  const { match, texts } = found;
  return {
    family: replaced(match, texts[1], 1, '') ?? '',
    major: replaced(match, texts[2], 2),
    minor: replaced(match, texts[3], 3),
    patch: replaced(match, texts[4], 4),
    patchMinor: replaced(match, texts[5], 5),
  };
}

export function deviceOf(agent: string): UapDevice | undefined {
  const found = devices().find(agent);
  if (!found) return undefined;
  const { match, texts } = found;
  return {
    family: replaced(match, texts[2], 1, '') ?? '',
    brand: replaced(match, texts[3], 0),
    model: replaced(match, texts[4], 1),
  };
}

interface Found {
  readonly match: RegexMatch;
  /** The line of the expression: itself and what stands behind it. */
  readonly texts: readonly string[];
}

class Expressions {
  readonly #lines: readonly (readonly string[])[];
  readonly #sources: readonly string[];
  readonly #compiled: (CompiledRegex | undefined)[] = [];
  readonly #prefilter: Prefilter;

  constructor(table: string, flagColumn?: number) {
    this.#lines = table.split('\n').map((line) => line.split('\t'));
    this.#sources = this.#lines.map((line) => {
      const source = asciiClasses(line[0]!);
      return flagColumn !== undefined && line[flagColumn] === 'i' ? `(?i:${source})` : source;
    });
    this.#prefilter = new Prefilter(this.#sources);
  }

  find(agent: string): Found | undefined {
    for (const index of this.#prefilter.candidates(agent)) {
      const match = this.#regex(index).exec(agent);
      if (match) return { match, texts: this.#lines[index]! };
    }
    return undefined;
  }

  #regex(index: number): CompiledRegex {
    let regex = this.#compiled[index];
    if (!regex) {
      const compiled = compileRegex(this.#sources[index]!);
      if (typeof compiled === 'string') throw new Error(compiled);
      this.#compiled[index] = regex = compiled;
    }
    return regex;
  }
}

/** Made when first needed: few programs do. */
function lazily(make: () => Expressions): () => Expressions {
  let made: Expressions | undefined;
  return () => (made ??= make());
}

const browsers = lazily(() => new Expressions(BROWSERS));
const systems = lazily(() => new Expressions(SYSTEMS));
const devices = lazily(() => new Expressions(DEVICES, 1));

const ASCII_CLASSES: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};

/** Classes are of ASCII, and counted repetitions with a high limit have none. */
function asciiClasses(source: string): string {
  return source
    .replace(/\\([\s\S])/g, (all, char: string) => ASCII_CLASSES[char] ?? all)
    .replace(/\\[\s\S]|\[(?:\[[^\]]*\]|\\[\s\S]|[^\]\\])*\]|\{([01]),\d{3,}\}/g, (all, min: string | undefined) =>
      min === undefined ? all : min === '0' ? '*' : '+',
    );
}

function captured(match: RegexMatch, index: number): string | null {
  return match[index] || null;
}

function familyText(match: RegexMatch, text: string | undefined): string {
  if (text?.includes('$1')) return text.replaceAll('$1', () => match[1] ?? '');
  return text || (match[1] ?? '');
}

/** A text in which `$1` and so on stand for captures, or without one the capture of this number (0 for none). */
function replaced(match: RegexMatch, text: string | undefined, capture: number, otherwise: string | null = null) {
  if (!text || trimText(text) === '') return capture === 0 ? otherwise : (captured(match, capture) ?? otherwise);
  if (!/\$[0-9]/.test(text)) return text;
  const expanded = text.replace(/\$(?:(\$)|\{([^}]*)\}|([0-9A-Za-z_]+))/g, (_, dollar, braced, plain) => {
    if (dollar !== undefined) return '$';
    const name: string = braced ?? plain;
    return /^[0-9]+$/.test(name) ? (match[Number(name)] ?? '') : '';
  });
  return trimText(expanded) || otherwise;
}
