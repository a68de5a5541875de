// Secrets from one JSON file that holds an object of keys and values.

import { open } from 'node:fs/promises';
import { answerOf, defineSecretBackend, SECRETS_BYTES_MAX } from '../../component/secret_backend.ts';
import { string } from '../../schema/schema.ts';

export const secret = defineSecretBackend({
  type: 'file',
  summary: 'Reads secrets from a JSON file.',
  options: {
    path: string('The JSON file: an object from key to value.', {
      syntax: 'path',
      examples: ['/path/to/secrets.json'],
    }),
  },
  async retrieve({ path }, keys) {
    const text = await readFileText(path);
    if (typeof text === 'string') return text;
    let document: unknown;
    try {
      document = JSON.parse(text.content);
    } catch {
      // The parser's message would quote what it stumbled on, which may be a secret.
      return `\`${path}\` is not JSON`;
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document))
      return `\`${path}\` must hold a JSON object from key to value`;
    const members = document as Record<string, unknown>;
    return answerOf(keys, (key) => {
      if (!Object.hasOwn(members, key)) return `\`${path}\` has no such key`;
      const value = members[key];
      return typeof value === 'string' ? { value } : 'its value is not text';
    });
  },
});

async function readFileText(path: string): Promise<{ readonly content: string } | string> {
  try {
    await using handle = await open(path, 'r');
    if ((await handle.stat()).size > SECRETS_BYTES_MAX) return `\`${path}\` is larger than ${SECRETS_BYTES_MAX} bytes`;
    return { content: await handle.readFile('utf8') };
  } catch (error) {
    return `\`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`;
  }
}
