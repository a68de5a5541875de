// The options of enrichment tables: checked now, served by a later version.

import { graph } from '../component/common_options.ts';
import { array, bool, int, map, object, oneOf, string, uint, variants } from '../schema/schema.ts';

const fileTable = {
  file: object(
    'The file that holds the table.',
    {
      path: string('The path of the file.', { syntax: 'path', examples: ['/data/info.csv'] }),
      encoding: object(
        'How the file is written.',
        {
          type: oneOf(['csv'], 'The format.'),
          include_headers: bool('Whether the first row holds the names of the columns.', { default: true }),
          delimiter: string('The character between columns.', { default: ',' }),
        },
        { required: true },
      ),
    },
    { required: true },
  ),
  schema: map(string('The type of the column, such as `integer` or `timestamp|%F`.'), 'Types of columns by name.', {
    optional: true,
    examples: [{ id: 'integer' }],
  }),
};

const cuckooFilter = {
  bucket_size: uint('Entries in a bucket.', { default: 4 }),
  max_kicks: uint('How often an entry is moved to make room before it is given up.', { default: 500 }),
  fingerprint_bits: uint('Bits of a fingerprint.', { default: 8, unit: 'bits' }),
  ttl_enabled: bool('Whether entries expire.', { default: true }),
  ttl_bits: uint('Bits of the time to live.', { default: 8, unit: 'bits' }),
  concurrent_scanning: bool('Whether expired entries are looked for by several threads.', { default: false }),
  scanning_threads: uint('Threads that look for expired entries.', { optional: true }),
  counter_enabled: bool('Whether each entry has a counter.', { default: false }),
  counter_bits: uint('Bits of a counter.', { default: 8, unit: 'bits' }),
  counter_field: string('The field that the counter is put into.', { default: '' }),
  counter_insertion_increment: int('What an insertion adds to the counter.', { default: 1 }),
  counter_lookup_increment: int('What a lookup adds to the counter.', { default: 1 }),
  lru_enabled: bool('Whether the entries that were used least lately make room.', { default: false }),
  lru_bits: uint('Bits of the use counter.', { default: 8, unit: 'bits' }),
  lru_increment: uint('What a use adds to the use counter.', { default: 1 }),
  lru_starting_value: uint('The use counter of a new entry.', { default: 1 }),
  lru_deletion_enabled: bool('Whether an entry goes when its use counter is zero.', { default: false }),
  lru_aging_strategy: variants(
    'How use counters age.',
    'strategy',
    { halving: {}, decrement: { value: uint('What is taken off.') } },
    {},
    { default: 'halving', tagDoc: 'Halve them, or take something off.' },
  ),
  persistence_path: string('The file that the filter is kept in.', { optional: true, syntax: 'path' }),
  export_interval: uint('Seconds between two writes of that file.', { optional: true, unit: 'seconds' }),
};

const memoryTable = {
  ttl: uint('How long an entry lives.', { default: 600, unit: 'seconds' }),
  ttl_field: string('The field of an entry that holds its own time to live.', { default: '' }),
  scan_interval: uint('Seconds between two searches for expired entries.', { default: 30, unit: 'seconds' }),
  flush_interval: uint('Seconds between two times that writes become visible.', { optional: true, unit: 'seconds' }),
  max_byte_size: uint('Most bytes that the table holds.', { optional: true, unit: 'bytes' }),
  reload_behavior: oneOf(
    ['clear-state', 'preserve-state'],
    'What becomes of the entries when the configuration changes.',
    {
      default: 'clear-state',
    },
  ),
  log_namespace: bool('The log namespace of what the table sends.', { optional: true, hidden: true }),
  internal_metrics: object('Metrics about the table.', {
    include_key_tag: bool('Whether the key is a label.', { default: false }),
  }),
  source_config: object(
    'Makes the table a source of its own entries.',
    {
      source_key: string('The id of that source.'),
      export_interval: uint('Seconds between two times that all entries are sent.', {
        optional: true,
        unit: 'seconds',
      }),
      export_batch_size: uint('Most entries sent at a time.', { optional: true, unit: 'events' }),
      export_expired_items: bool('Whether expired entries are sent, to the output `expired`.', { default: false }),
      remove_after_export: bool('Whether entries that were sent are removed.', { default: false }),
    },
    { optional: true },
  ),
  filter: variants(
    'Keeps a filter of keys in place of the entries themselves.',
    'type',
    { bloom: {}, cuckoo: cuckooFilter },
    { max_entries: uint('Most entries that the filter takes.') },
    { optional: true, tagDoc: 'The kind of filter.' },
  ),
};

/** One enrichment table. */
export const enrichmentTable = variants(
  'A table that programs look things up in.',
  'type',
  {
    file: fileTable,
    geoip: {
      path: string('The path of the MaxMind database.', { syntax: 'path', examples: ['/data/GeoLite2-City.mmdb'] }),
      locale: string('The language of names.', { default: 'en' }),
    },
    mmdb: {
      path: string('The path of the MaxMind database.', { syntax: 'path', examples: ['/data/custom.mmdb'] }),
    },
    memory: memoryTable,
  },
  {
    inputs: array(
      string('A component id, an output as `component.port`, or a pattern with `*`.'),
      'What feeds a table in memory.',
      {
        default: [],
      },
    ),
    graph: graph(),
  },
  { tagDoc: 'Where the table comes from.' },
);
