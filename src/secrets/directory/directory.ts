// Secrets from a directory with one file for each, as Kubernetes and systemd mount them. A key may name a file in a
// folder below, and nothing outside.

import { open } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { answerOf, defineSecretBackend, SECRETS_BYTES_MAX } from '../../component/secret_backend.ts';
import { bool, string } from '../../schema/schema.ts';

export const secret = defineSecretBackend({
  type: 'directory',
  summary: 'Reads secrets from the files of a directory.',
  options: {
    path: string('The directory with one file for each key.', {
      syntax: 'path',
      examples: ['${CREDENTIALS_DIRECTORY}', '/path/to/secrets'],
    }),
    remove_trailing_whitespace: bool('Whether white space at the end of a file is left out.', { default: false }),
  },
  async retrieve({ path, remove_trailing_whitespace: trims }, keys) {
    const found = new Map(await Promise.all(keys.map(async (key) => [key, await readSecret(path, key)] as const)));
    return answerOf(keys, (key) => {
      const one = found.get(key)!;
      return typeof one === 'string' || !trims ? one : { value: one.value.trimEnd() };
    });
  },
});

async function readSecret(folder: string, key: string): Promise<{ readonly value: string } | string> {
  const inside = relative(folder, join(folder, key));
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    return 'it leads out of the directory';
  const path = join(folder, inside);
  try {
    await using handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) return `\`${path}\` is not a file`;
    if (stat.size > SECRETS_BYTES_MAX) return `\`${path}\` is larger than ${SECRETS_BYTES_MAX} bytes`;
    return { value: await handle.readFile('utf8') };
  } catch (error) {
    return `\`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`;
  }
}
