// What strings are said to hold: an encoding, a media type, or one within the other.

import { stringifyJson } from '../../../event/json.ts';
import type { Value } from '../../../event/value.ts';
import type { Check, Finding, Place } from './node.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Undefined when neither is known. */
export function contentCheck(encoding: Value | undefined, mediaType: Value | undefined): Check | undefined {
  const isEncoded = encoding === 'base64';
  const isJson = mediaType === 'application/json';
  if (!isEncoded && !isJson) return undefined;
  return {
    report(value: Value, place: Place, findings: Finding[]) {
      if (typeof value !== 'string') return;
      const shown = stringifyJson(value);
      if (isEncoded && !BASE64.test(value))
        findings.push({ message: `${shown} is not compliant with "base64" content encoding`, place });
      else if (isJson && !isJsonText(isEncoded ? decoded(value) : value))
        findings.push({ message: `${shown} is not compliant with "application/json" media type`, place });
    },
  };
}

function decoded(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
