// Labels in the path of a push: `/metrics/job/NAME/label/value/label@base64/dmFsdWU`.

export const PUSH_PATH = '/metrics/job';

const LABELS_MAX = 100;

/** The labels, or text that says what is wrong with the path. It begins with `PUSH_PATH`. */
export function labelsOfPath(path: string): ReadonlyMap<string, string> | string {
  const parts = path.split('/').filter((part) => part !== '');
  const labels = new Map<string, string>();
  if (parts.length > 2 * LABELS_MAX) return `More than ${LABELS_MAX} labels in the path`;
  for (let i = 1; i < parts.length; i += 2) {
    const [name, text] = [parts[i]!, parts[i + 1]];
    if (text === undefined) return 'Incomplete label pair in the path';
    const isEncoded = name.endsWith('@base64');
    const value = isEncoded ? fromBase64(text) : fromPercent(text);
    if (value === undefined) return `The value of the label \`${name.slice(0, 100)}\` cannot be decoded`;
    labels.set(isEncoded ? name.slice(0, -'@base64'.length) : name, value);
  }
  return labels;
}

/** In either alphabet, with padding or without; `=` alone is the empty text. */
function fromBase64(text: string): string | undefined {
  const percent = fromPercent(text);
  if (percent === undefined || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(percent)) return undefined;
  const bytes = Buffer.from(percent, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fromPercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
