// Journal files for tests, written by `systemd-journal-remote` from entries in the export format and read by the real
// `journalctl`. For tests only.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const REMOTE = '/usr/lib/systemd/systemd-journal-remote';

/** What these tests need, each with the Debian package that has it; paths are looked up from the folders of `PATH`. */
export const JOURNAL_PROGRAMS = {
  journalctl: 'systemd',
  '../lib/systemd/systemd-journal-remote': 'systemd-journal-remote',
};

/** Values are text, or bytes that may hold anything. */
export type JournalEntry = Readonly<Record<string, string | Uint8Array>>;

const FIRST_TIME = 1_700_000_000_000_000;
const BOOT = 'b0'.repeat(16);
const MACHINE = 'a1'.repeat(16);

/** Writes a journal file of entries, `from` and on in their sequence, into `folder`. */
export function writeJournal(folder: string, name: string, entries: readonly JournalEntry[], from = 0): void {
  const parts: Buffer[] = [];
  entries.forEach((entry, index) => {
    const time = FIRST_TIME + (from + index) * 1_000_000;
    const fields: JournalEntry = { _BOOT_ID: BOOT, _MACHINE_ID: MACHINE, _HOSTNAME: 'journal-host', ...entry };
    parts.push(Buffer.from(`__REALTIME_TIMESTAMP=${time}\n__MONOTONIC_TIMESTAMP=${from + index + 1}\n`));
    for (const [field, value] of Object.entries(fields)) parts.push(exported(field, value));
    parts.push(Buffer.from('\n'));
  });
  const result = spawnSync(REMOTE, [`--output=${join(folder, name)}`, '--split-mode=none', '-'], {
    input: Buffer.concat(parts),
  });
  if (result.status !== 0) throw new Error(`cannot write a journal: ${result.stderr}`);
}

/** A field with its length in front, as values with newlines need it. */
function exported(field: string, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${field}\n`), length, bytes, Buffer.from('\n')]);
}
