// `sluice generate-schema`: the JSON Schema of configurations.

import { existsSync, writeFileSync } from 'node:fs';
import { configurationSchema } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

export function generateSchema(flags: { outputPath?: string }, { stdout, stderr }: Surroundings): number {
  const text = `${JSON.stringify(configurationSchema(), null, 2)}\n`;
  if (flags.outputPath === undefined) {
    stdout.write(text);
    return EXIT.ok;
  }
  if (existsSync(flags.outputPath)) {
    stderr.write(`error: ${flags.outputPath} exists already; it was left as it is\n`);
    return EXIT.cannotCreate;
  }
  try {
    writeFileSync(flags.outputPath, text);
    return EXIT.ok;
  } catch (error) {
    stderr.write(`error: ${flags.outputPath} cannot be written: ${(error as Error).message}\n`);
    return EXIT.ioError;
  }
}
