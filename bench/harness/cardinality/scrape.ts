// What is read from an exporter: one line per series, added up by name or looked for by a label.

/** The text of an exporter, or undefined where nobody answers. */
export async function scrape(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of a metric, whatever its namespace. */
export function samplesOf(text: string, name: string): Sample[] {
  const samples: Sample[] = [];
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^(?:vector_)?${name}(?:\\{(.*)\\})? (\\S+)`, 'gm')))
    samples.push({
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]),
      ),
      value: Number(value),
    });
  return samples;
}

export function total(text: string, name: string): number {
  return samplesOf(text, name).reduce((sum, { value }) => sum + value, 0);
}
