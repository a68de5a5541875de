// Collects the entries of systemd's journal, through `journalctl`.
//
//   journalctl ─► line ─► entry ─► wanted? ─► batch ─► output
//       ▲                   │ cursor                     │ delivered or refused
//       └── restarted behind the last cursor ◄── checkpoint.txt
//
// The saved cursor follows delivery, whatever the configuration says: after a crash, entries that were under way come
// again. Bound: BATCHES_MAX batches under way; beyond it nothing is read.

import { sourceAcknowledgements } from '../../component/common_options.ts';
import { defineSource } from '../../component/define.ts';
import { array, bool, type ConfigOf, map, string, uint } from '../../schema/schema.ts';
import { CursorFile } from './cursor_file.ts';
import { contradiction, mergedMatches } from './matches.ts';
import { JournalReader } from './reader.ts';

const units = (doc: string) =>
  array(string('The name of a unit; without a type it is a service.', { examples: ['ntpd', 'sysinit.target'] }), doc, {
    default: [],
    examples: [['ntpd', 'sysinit.target']],
  });

const matches = (doc: string) =>
  map(array(string('A value.'), 'The values of the field.'), doc, {
    optional: true,
    examples: [{ _SYSTEMD_UNIT: ['sshd.service', 'ntpd.service'], _TRANSPORT: ['kernel'] }],
  });

const options = {
  acknowledgements: sourceAcknowledgements(),
  batch_size: uint('Most entries in a batch. The position moves batch by batch.', {
    default: 16,
    min: 1,
    unit: 'events',
  }),
  current_boot_only: bool('Whether only entries since the last boot are read.', { default: true }),
  data_dir: string('The folder for the position, in place of the global `data_dir`.', {
    optional: true,
    syntax: 'path',
    examples: ['/var/local/lib/vector/'],
  }),
  emit_cursor: bool('Whether events keep the field `__CURSOR`.', { default: false }),
  exclude_matches: matches('Fields with values whose entries are left out.'),
  exclude_units: units('Units whose entries are left out.'),
  extra_args: array(string('An argument.'), 'More arguments for `journalctl`, as they are.', {
    default: [],
    examples: [['--merge']],
  }),
  include_matches: matches('Fields with values, one of which an entry must have. With none, all entries are read.'),
  include_units: units('Units whose entries are read. With none, all units are.'),
  journal_directory: string('The folder of the journal, in place of the system’s own.', {
    optional: true,
    syntax: 'path',
  }),
  journal_namespace: string('The namespace of the journal, as in `journalctl --namespace`.', { optional: true }),
  journalctl_path: string('The program to run, in place of the `journalctl` in `PATH`.', {
    optional: true,
    syntax: 'path',
  }),
  remap_priority: bool('Whether `PRIORITY` becomes a name, as `ERR` for `3`.', {
    default: false,
    deprecated: 'use the function `to_syslog_level` in a `remap` transform',
  }),
  since_now: bool('Whether reading begins with the entries that come from now on, where there is no position yet.', {
    default: false,
  }),
} as const;

export type JournaldConfig = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'journald',
  status: 'stable',
  summary: 'Collect logs from JournalD.',
  options,
  examples: [
    { title: 'Everything since the last boot', config: 'current_boot_only: true' },
    { title: 'Two units, and all that was kept', config: 'include_units: [sshd, nginx]\ncurrent_boot_only: false' },
    { title: 'Another machine’s journal', config: 'journal_directory: /srv/journals\ncurrent_boot_only: false' },
  ],
  sample: {},
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: true,
  verify(config) {
    const both = contradiction(included(config), excluded(config));
    if (!both) return [];
    const [field, value] = both;
    return [
      {
        path: ['exclude_matches'],
        message: `\`${field}\` with \`${value}\` is both included and excluded`,
        severity: 'error',
      },
    ];
  },
  async build(config, context) {
    const file = await CursorFile.open(context, context.stateDir(config.data_dir));
    const reader = new JournalReader(config, included(config), excluded(config), file, context);
    return { run: (output, stop) => reader.run(output, stop), close: () => file.close() };
  },
});

function included(config: JournaldConfig) {
  return mergedMatches({ units: config.include_units, matches: config.include_matches });
}

function excluded(config: JournaldConfig) {
  return mergedMatches({ units: config.exclude_units, matches: config.exclude_matches });
}
