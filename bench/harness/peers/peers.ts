// Other programs that move logs, each brought here when it is asked for: from Debian, or built from Go modules.

import type { Program } from '../programs.ts';
import { benthos } from './benthos.ts';
import { goProgram } from './go_program.ts';
import { otelCollector } from './otel.ts';
import { ensureRsyslog, rsyslog } from './rsyslog.ts';

const FOUND: Readonly<Record<string, () => Promise<Program | string>>> = {
  rsyslog: async () => (await ensureRsyslog()) || rsyslog,
  otel: () => fromGo('otelcol', otelCollector),
  benthos: () => fromGo('benthos', benthos),
};

/** Those of the named programs that can be had; of the others it says why not. */
export async function peers(names: readonly string[]): Promise<Program[]> {
  const found: Program[] = [];
  for (const name of names) {
    const find = FOUND[name];
    if (!find) throw new Error(`there is no peer ${name}; there are ${Object.keys(FOUND).join(', ')}`);
    const peer = await find();
    if (typeof peer === 'string') console.error(`${name} is left out: ${peer}`);
    else found.push(peer);
  }
  return found;
}

async function fromGo(name: string, make: (binary: string) => Program): Promise<Program | string> {
  const built = await goProgram(name);
  return 'path' in built ? make(built.path) : built.why;
}
