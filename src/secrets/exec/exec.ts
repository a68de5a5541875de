// Secrets from a program: it reads the keys that are wanted as JSON on standard input and writes a JSON object from
// key to `{ value, error }` on standard output.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  answerOf,
  defineSecretBackend,
  SECRETS_BYTES_MAX,
  type SecretContext,
} from '../../component/secret_backend.ts';
import { anything, array, string, uint, variants } from '../../schema/schema.ts';

/** Longer timers overflow in Node and fire at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** What a failing program said last is shown up to this length. */
const STDERR_CHARS_MAX = 200;

export const secret = defineSecretBackend({
  type: 'exec',
  summary: 'Asks a program for secrets.',
  options: {
    command: array(string('The program, or an argument.'), 'The program to run, with its arguments.', {
      examples: [['/path/to/get-secret', '-s']],
      validate: (parts) => (parts.length > 0 ? undefined : 'must name a program'),
    }),
    timeout: uint('How long the program may take.', { default: 5, unit: 'seconds' }),
    protocol: variants(
      'How the program is asked.',
      'version',
      {
        v1: {},
        v1_1: {
          backend_type: string('The kind of backend that the program is to ask.', { examples: ['file.json'] }),
          backend_config: anything('Passed on to the program as it is.'),
        },
      },
      {},
      { default: 'v1', tagDoc: 'The version of the protocol.' },
    ),
  },
  async retrieve({ command, timeout, protocol }, keys, context) {
    const request =
      protocol.version === 'v1_1'
        ? { version: '1.1', secrets: keys, type: protocol.backend_type, config: protocol.backend_config }
        : { version: '1.0', secrets: keys };
    const output = await ask(command, JSON.stringify(request), timeout, context);
    if (typeof output === 'string') return output;
    const answers = parseAnswers(output.stdout);
    if (!answers) return `the answer of \`${command[0]}\` is not a JSON object`;
    return answerOf(keys, (key) => (Object.hasOwn(answers, key) ? secretOf(answers[key]) : 'it is not in the answer'));
  },
});

function parseAnswers(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function secretOf(answer: unknown): { readonly value: string } | string {
  if (typeof answer !== 'object' || answer === null) return 'the answer for it is not an object';
  const { value, error } = answer as { readonly value?: unknown; readonly error?: unknown };
  if (typeof error === 'string') return error;
  return typeof value === 'string' ? { value } : 'the answer for it has neither a value nor an error';
}

/** Runs the program; text says why there is no output. */
function ask(
  command: readonly string[],
  input: string,
  timeoutSecs: number,
  { env }: SecretContext,
): Promise<{ readonly stdout: string } | string> {
  const name = `\`${command[0]}\``;
  return new Promise((resolve) => {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawn(command[0]!, command.slice(1), { env: { ...env }, stdio: 'pipe' });
    } catch (error) {
      resolve(`${name} cannot be started: ${(error as Error).message}`);
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    let complaint = '';
    const end = (result: { readonly stdout: string } | string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(result);
    };
    const late = (): void => end(`${name} gave no answer within ${timeoutSecs} seconds`);
    const timer = setTimeout(late, Math.min(timeoutSecs * 1000, TIMEOUT_MAX_MS));
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(`${name} cannot be started: ${error.code ?? error.message}`),
    );
    // A program that does not read its input closes the pipe under us: what it answers is what counts.
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > SECRETS_BYTES_MAX) end(`the answer of ${name} is larger than ${SECRETS_BYTES_MAX} bytes`);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-STDERR_CHARS_MAX);
    });
    child.on('close', (code, signal) => {
      const said = complaint.trim().replace(/\s+/g, ' ');
      if (code === 0) end({ stdout: Buffer.concat(chunks).toString('utf8') });
      else end(`${name} ended with ${signal ?? `exit code ${code}`}${said === '' ? '' : `: ${said}`}`);
    });
    child.stdin.end(`${input}\n`);
  });
}
