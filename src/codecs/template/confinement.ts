// Keeps what an event says from deciding where its data goes. A template that names a path, a URI, a header or a key
// is rendered through one of the renderers here:
//
//   confinePath    files: below `base_dir` or the literal directory, never `..`; without either, a value is one segment
//   confineUri     requests: scheme, host and port are the template's own, the path stays below its literal part
//   confineValue   keys, topics, indexes, headers: no `..`, no NUL, CR or LF
//
// What comes before the first field is the operator's and trusted; everything after is the sender's. A value that breaks
// out costs its event (`confinement_failed`), never the process. Templates without fields need no check.

import { join, resolve } from 'node:path';
import type { Event, EventType } from '../../event/event.ts';
import type { RenderContext, Template } from './template.ts';
import { fieldText, hasFields, missing, RenderError, type Renderer, renderTemplate, timeText } from './template.ts';

/** Longest text that a template with fields may give, in bytes. */
export const CONFINED_BYTES_MAX = 1024;

export interface Confinement {
  /** `dangerously_allow_unconfined_template_resolution`: nothing is checked. */
  readonly unconfined?: boolean;
}

export interface PathConfinement extends Confinement {
  /** `base_dir`: files stay below this folder; a relative path is taken from it. */
  readonly baseDir?: string;
}

/** Renders a header, key, topic, index or other name. */
export function confineValue(template: Template, { unconfined = false }: Confinement = {}): Renderer {
  return confined(template, unconfined, ({ text, trusted }) => valueProblem(text, trusted));
}

/** Renders the path of a file. */
export function confinePath(template: Template, { unconfined = false, baseDir }: PathConfinement = {}): Renderer {
  if (baseDir === undefined || !hasFields(template)) return confined(template, unconfined, pathProblem);
  const base = resolve(baseDir);
  const below = base.endsWith('/') ? base : `${base}/`;
  return confined(template, unconfined, (rendered) => {
    const problem = valueProblem(rendered.text, 0);
    if (problem !== undefined) return problem;
    const full = rendered.text.startsWith('/') ? rendered.text : join(base, rendered.text);
    return resolve(full).startsWith(below) ? { text: full } : `it lies outside of ${JSON.stringify(baseDir)}`;
  });
}

/** Renders the URI of a request. */
export function confineUri(template: Template, { unconfined = false }: Confinement = {}): Renderer {
  return confined(template, unconfined, uriProblem);
}

/** Whether scheme and host of a URI template are its own; where they are not, every event fails. */
export function hasLiteralHost(template: Template): boolean {
  let trusted = '';
  for (const part of template.parts) {
    if (part.kind === 'field') return AUTHORITY.test(trusted);
    trusted += part.kind === 'literal' ? part.text : '0';
  }
  return true;
}

interface Rendered {
  readonly text: string;
  /** Length of what comes before the first value. */
  readonly trusted: number;
  /** The values, in order. */
  readonly values: readonly string[];
}

/** Says what is wrong with a rendered text, gives another text to use, or nothing. */
type Check = (rendered: Rendered) => string | { readonly text: string } | undefined;

function confined(template: Template, unconfined: boolean, check: Check): Renderer {
  if (unconfined || !hasFields(template))
    return (event, type, context) => renderTemplate(template, event, type, context);
  return (event, type, context) => {
    const rendered = render(template, event, type, context);
    if (rendered instanceof RenderError) return rendered;
    const result = check(rendered);
    if (result === undefined) return rendered.text;
    if (typeof result === 'object') return result.text;
    return new RenderError('confinement_failed', `${quote(rendered.text)} is refused: ${result}`);
  };
}

function render(template: Template, event: Event, type: EventType, context: RenderContext): Rendered | RenderError {
  let text = '';
  let trusted = -1;
  const values: string[] = [];
  for (const part of template.parts) {
    if (part.kind === 'literal') text += part.text;
    else if (part.kind === 'time') text += timeText(part.items, event, type, context);
    else {
      const value = fieldText(part, event, type);
      if (value === undefined) return missing(part.text);
      if (trusted < 0) trusted = text.length;
      values.push(value);
      text += value;
    }
  }
  return { text, trusted, values };
}

/** Text of a sender in one of our messages: cut, and with nothing in it that a terminal or log reader would act on. */
function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 61)}…` : text);
}

function valueProblem(text: string, trusted: number): string | undefined {
  // No character takes more than three bytes per UTF-16 unit, so most texts need no counting.
  if (text.length * 3 > CONFINED_BYTES_MAX && Buffer.byteLength(text) > CONFINED_BYTES_MAX)
    return `it is longer than ${CONFINED_BYTES_MAX} bytes`;
  if (/[\0\r\n]/.test(text)) return 'it holds a NUL or a line break';
  if (climbs(text, trusted)) return 'it holds a `..` segment';
  return undefined;
}

/** Whether a segment that a value has a part in is `..`. */
function climbs(text: string, trusted: number): boolean {
  if (!text.includes('..')) return false;
  const start = Math.max(text.lastIndexOf('/', trusted - 1), text.lastIndexOf('\\', trusted - 1)) + 1;
  return text
    .slice(trusted === 0 ? 0 : start)
    .split(/[/\\]/)
    .includes('..');
}

function pathProblem({ text, trusted, values }: Rendered): string | undefined {
  const problem = valueProblem(text, trusted);
  if (problem !== undefined) return problem;
  const folder = text.slice(0, trusted).replace(/[^/]*$/, '');
  // `/` and `./` are no folder of the operator's own: below them is everything.
  if (/[^/.]/.test(folder)) return undefined;
  if (trusted === 0 && text.startsWith('/')) return 'it begins at the root and the template does not';
  if (values.some((value) => /[/\\]/.test(value)))
    return 'a value holds a path separator and the template names no folder before it';
  return undefined;
}

/** Scheme, host and port, and the slash that ends them: without it a value could make the host longer. */
const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\\]+\//;

/** Characters that would end the path, and encoded ones that a server may take for them. */
const BREAKS_URI = /[?#\\]|%(?:2e|2f|5c|00|0a|0d|23|25|26|3f)/i;

function uriProblem({ text, trusted, values }: Rendered): string | undefined {
  const prefix = text.slice(0, trusted);
  if (!AUTHORITY.test(prefix)) return 'scheme and host must stand in the template itself, followed by `/`';
  const problem = valueProblem(text, trusted);
  if (problem !== undefined) return problem;
  // The URL parser drops tabs and trims spaces, which could put two dots together that were apart.
  if (values.some((value) => /[\x00-\x1f\x7f]/.test(value))) return 'a value holds a control character';
  if (values.some((value) => BREAKS_URI.test(value))) return 'a value holds `?`, `#`, `\\` or an encoded separator';
  if (prefix.includes('?') && values.some((value) => /[&;]/.test(value))) return 'a value would add to the query';
  return escapes(text, prefix) ? 'it leads elsewhere' : undefined;
}

/** The last word is the URL parser's: what it makes of the text must begin with what the template says. */
function escapes(text: string, prefix: string): boolean {
  const url = URL.parse(text);
  const own = URL.parse(prefix);
  if (!url || !own) return true;
  if (url.protocol !== own.protocol || url.host !== own.host) return true;
  if (url.username !== own.username || url.password !== own.password) return true;
  return !url.pathname.startsWith(own.pathname.replace(/[^/]*$/, ''));
}
