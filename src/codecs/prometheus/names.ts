// Names as Prometheus takes them. One name or label of another shape makes a scrape fail as a whole, so characters that
// are not allowed become `_`, as they do in Prometheus' own client libraries.

const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name of a metric. */
export function metricName(namespace: string | undefined, name: string): string {
  const full = namespace === undefined || namespace === '' ? name : `${namespace}_${name}`;
  return METRIC_NAME.test(full) ? full : leading(full.replace(/[^A-Za-z0-9_:]/gu, '_'));
}

/** A name of a label. */
export function labelName(name: string): string {
  return LABEL_NAME.test(name) ? name : leading(name.replace(/[^A-Za-z0-9_]/gu, '_'));
}

function leading(name: string): string {
  return /^[A-Za-z_:]/.test(name) ? name : `_${name}`;
}
