// The region that requests are signed for where the configuration leaves it out: the environment, the profile, the machine.

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HttpRequest, HttpResponse } from '../http/client.ts';

/** What finding a region needs of the outside. */
export interface RegionSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly request: (request: HttpRequest) => Promise<HttpResponse>;
}

const METADATA_URL = 'http://169.254.169.254';
const CONFIG_BYTES_MAX = 1_048_576;

/** Undefined when none is said anywhere. */
export async function findRegion({ env, request }: RegionSources): Promise<string | undefined> {
  return env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (await ofProfile(env)) || (await ofMachine(env, request));
}

async function ofProfile(env: RegionSources['env']): Promise<string | undefined> {
  const file = env['AWS_CONFIG_FILE'] || join(homedir(), '.aws', 'config');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.length > CONFIG_BYTES_MAX ? undefined : regionOfProfile(text, env['AWS_PROFILE'] || 'default');
}

/** The region of one profile in the text of a settings file. */
export function regionOfProfile(text: string, profile: string): string | undefined {
  let isMine = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/.exec(line);
    if (section) isMine = section[1] === profile;
    const region = isMine && /^region\s*=\s*([\w-]+)/.exec(line);
    if (region) return region[1];
  }
  return undefined;
}

/** The metadata service gives a token first, which its answers are asked with. */
async function ofMachine(env: RegionSources['env'], request: RegionSources['request']): Promise<string | undefined> {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  const base = URL.parse(env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || METADATA_URL);
  if (!base) return undefined;
  try {
    const token = await request({
      method: 'PUT',
      url: new URL('/latest/api/token', base),
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
    });
    if (token.status !== 200) return undefined;
    const answer = await request({
      method: 'GET',
      url: new URL('/latest/meta-data/placement/region', base),
      headers: { 'x-aws-ec2-metadata-token': token.body.toString('latin1') },
    });
    const region = answer.body.toString('latin1').trim();
    return answer.status === 200 && /^[\w-]{1,64}$/.test(region) ? region : undefined;
  } catch {
    // A machine elsewhere has no such service.
    return undefined;
  }
}
