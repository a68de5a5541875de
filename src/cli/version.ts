// What `--version` prints.

import { version } from '../std/version.ts';

export { version } from '../std/version.ts';

export function versionLine(): string {
  return `sluice ${version()} (${process.platform} ${process.arch}, Node ${process.versions.node})`;
}
