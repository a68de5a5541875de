// The `sluice` command: reads the command line and hands over to one file per command.

import { CommanderError } from './commander.ts';
import { EXIT } from './exit_codes.ts';
import { buildProgram } from './program.ts';

/** Runs the command line and resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  try {
    const program = buildProgram({
      env: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      finish: (result) => void (code = result),
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
export function start(): Promise<never> {
  return main(process.argv.slice(2)).then(exit, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exit(EXIT.software);
  });
}

if (import.meta.main) void start();
