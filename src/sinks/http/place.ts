// Where an event goes: the URI and the headers of its request, both of which may be made of the event.

import { confineUri, confineValue, hasLiteralHost } from '../../codecs/template/confinement.ts';
import { RenderError, type Renderer, staticText, type Template } from '../../codecs/template/template.ts';
import type { SinkContext } from '../../component/context.ts';
import { RouteError, type Target } from '../../component/request_parcels.ts';
import type { Event, EventType } from '../../event/event.ts';
import { splitCredentials } from '../../net/http/client_auth.ts';

/** Places remembered; with more than this, the oldest is forgotten. */
const PLACES_MAX = 1_000;

export interface Place {
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PlaceConfig {
  readonly uri: Template;
  readonly headers?: ReadonlyMap<string, Template> | undefined;
  readonly request: { readonly headers?: ReadonlyMap<string, Template> | undefined };
  readonly dangerously_allow_unconfined_template_resolution: boolean;
}

/** The one place that all events go to, or a function that finds that of each. */
export function placing(
  config: PlaceConfig,
  context: SinkContext,
): Target<Place> | ((event: Event, type: EventType) => Target<Place> | RouteError) {
  const { uri } = config;
  const unconfined = config.dangerously_allow_unconfined_template_resolution;
  const headers = [...(config.headers ?? []), ...(config.request.headers ?? [])];
  const texts = [uri, ...headers.map(([, value]) => value)].map(staticText);
  const names = headers.map(([name]) => name.toLowerCase());
  if (texts.every((text) => text !== undefined)) {
    const place = placeOf(texts, names);
    if (place instanceof RouteError) throw new Error(place.message);
    return { key: '', value: place };
  }
  if (!unconfined && !hasLiteralHost(uri))
    context.log.warn('Scheme and host of a URI must not come from events: every event will be refused', {
      uri: uri.text,
    });
  const renderers = [
    confineUri(uri, { unconfined }),
    ...headers.map(([, value]) => confineValue(value, { unconfined })),
  ];
  return finder(renderers, names, context);
}

function finder(renderers: readonly Renderer[], names: readonly string[], context: SinkContext) {
  const rendering = { logSchema: context.globals.logSchema, clock: context.clock };
  const places = new Map<string, Target<Place>>();
  return (event: Event, type: EventType): Target<Place> | RouteError => {
    const texts: string[] = [];
    for (const render of renderers) {
      const text = render(event, type, rendering);
      if (text instanceof RenderError) return new RouteError(text.type, text.message);
      texts.push(text);
    }
    const key = texts.length === 1 ? texts[0]! : JSON.stringify(texts);
    const known = places.get(key);
    if (known) return known;
    const value = placeOf(texts, names);
    if (value instanceof RouteError) return value;
    const target = { key, value };
    if (places.size >= PLACES_MAX) places.delete(places.keys().next().value!);
    places.set(key, target);
    return target;
  };
}

function placeOf([uri, ...values]: readonly string[], names: readonly string[]): Place | RouteError {
  const parsed = URL.parse(uri!);
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    return new RouteError('template_failed', `${JSON.stringify(uri!.slice(0, 200))} is not an HTTP URI`);
  const { url, authorization } = splitCredentials(parsed);
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  for (const [index, name] of names.entries()) {
    const value = headerValue(values[index]!);
    if (value === undefined)
      return new RouteError('template_failed', `the value of the header \`${name}\` holds a control character`);
    headers[name] = value;
  }
  return { url, headers };
}

/** The value as it goes over the wire, one character per byte of UTF-8; undefined when it would break the request. */
function headerValue(text: string): string | undefined {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return undefined;
  return Buffer.from(text.trim(), 'utf8').toString('latin1');
}

/** What is wrong with a header that a user wants to set. */
export function headerProblem(name: string, hasAuth: boolean): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `\`${name}\` is not the name of a header`;
  const lower = name.toLowerCase();
  if (['content-length', 'expect', 'transfer-encoding', 'upgrade'].includes(lower))
    return `\`${name}\` is for the HTTP client alone to set`;
  if (lower === 'authorization' && hasAuth) return '`auth` sets this header too; give it in one place';
  return undefined;
}
