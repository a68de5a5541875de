// The `sluice` command: reads the command line and hands over to one file per command.

import { enableCompileCache } from 'node:module';
import type { Registry } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import { holdNewSpace } from './heap.ts';

// Sources that run unbuilt are stripped of their types at each start; what was made of them is kept beside the other
// things npm installs. Measured: 138 MiB and 1.0 CPU seconds to start without, 111 MiB and 0.5 with. So the
// commands are imported after this. The built command starts as fast without.
if (import.meta.filename.endsWith('.ts'))
  enableCompileCache(`${import.meta.dirname}/../../node_modules/.cache/compiled`);

holdNewSpace();

/** Runs the command line and resolves with the exit code. */
export async function main(args: readonly string[], registry?: Registry): Promise<number> {
  const [{ CommanderError }, { buildProgram }] = await Promise.all([import('./commander.ts'), import('./program.ts')]);
  let code: number = EXIT.ok;
  try {
    const program = buildProgram({
      env: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      finish: (result) => void (code = result),
      registry,
    });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
  return code;
}

/** Ends the process once everything printed has left it; pipes are written asynchronously. */
async function exit(code: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) =>
        new Promise<void>((resolve) =>
          stream.writableLength === 0 || stream.destroyed ? resolve() : stream.write('', () => resolve()),
        ),
    ),
  );
  process.exit(code);
}

// A reader that went away (`sluice list | head -1`) is not an error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = EXIT.ioError;
  });
}

/** Runs this process's own command line and ends the process; for the published command, which imports this module. */
export function start(registry?: Registry): Promise<never> {
  return main(process.argv.slice(2), registry).then(exit, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exit(EXIT.software);
  });
}

if (import.meta.main) void start();
