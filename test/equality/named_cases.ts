// Cases that were wrong once, or that chance would seldom meet.

import { SLOT_BYTES } from '../../src/engine/arena/arena.ts';
import type { Case, CommonPlan, ComponentPlan, SourcePlan } from './plan.ts';
import { SLOTS } from './random_case.ts';

type Options = ComponentPlan['options'];

const json = { encoding: { codec: 'json' } };

function remap(id: string, inputs: string, source: string, options: Options = {}): ComponentPlan {
  return { id, kind: 'transform', type: 'remap', inputs: inputs.split(' '), options: { source, ...options } };
}

function sink(
  id: string,
  inputs: string,
  type = 'stream',
  options: Options = type === 'stream' ? json : {},
): ComponentPlan {
  return { id, kind: 'sink', type, inputs: inputs.split(' '), options };
}

function caseOf(
  components: readonly ComponentPlan[],
  lines: readonly (string | Buffer)[],
  more: { readonly source?: Partial<SourcePlan>; readonly freeSlots?: number; readonly place?: 'slot' | 'heap' } = {},
): Case {
  const { source, freeSlots = SLOTS, place = 'slot' } = more;
  const frames = lines.map((line) => Buffer.from(line as string));
  return {
    source: { decoding: 'bytes', namespace: 'legacy', messageKey: 'message', common: { host: 'text' }, ...source },
    components,
    batches: [{ frames, place, delimiter: 10 }],
    freeSlots,
  };
}

const parse = '. = parse_json!(.message)';

/** Objects of many shapes, for programs that say what is of interest. */
const OBJECTS: readonly string[] = [
  '{"b":1,"a":{"c":2,"b":[1,2]},"level":"info"}',
  '{ "level" : "error" , "a" : "text" }',
  '{"a":1,"a":2}',
  '{"a":1.0,"level":"\\u0041"}',
  '{"a":null}',
  '{}',
  '[1]',
  'no JSON',
];

/** Messages of syslog, most of them with something that not all have. */
const MESSAGES: readonly (string | Buffer)[] = [
  '<165>1 2003-10-11T22:14:15.003Z web app 111 ID47 [ex@32473 iut="3" eventID="10\\"11"][p@1 class="high"] An entry',
  '<34>1 2003-10-11T22:14:15.5Z web app - - - second',
  '<34>1 2003-10-11T22:14:16Z db app 7 ID47 - third',
  '<34>1 2003-10-11T22:14:60Z - - - - - a leap second',
  '<34>1 2003-10-11T22:14:15.003+02:00 web app x1 a-message-id-that-is-longer-than-those-that-are-kept [a b="c"] zoned',
  '<34>1 2003-10-11T22:14:15Z web app 1 ID47 [message a="b"] it says what the message is',
  '<34>1 2003-10-11T22:14:15Z web app 1 ID47 [hostname@1 a="]"] ',
  '<34>1 2003-10-11T22:14:15Z web app 1 ID47 -',
  '<34>1 2003-10-11T22:14:15Z  web app 1 ID47 - two blanks',
  '<34>1 2003-10-11T22:14:15Z w\u00e9b app 1 ID47 - beyond ASCII',
  '<34>Oct 11 22:14:15 old su[77]: of another time',
  Buffer.concat([Buffer.from('<34>1 2003-10-11T22:14:15Z web app 1 ID47 - '), Buffer.from([0x61, 0xff, 0x62])]),
  'nothing of the kind',
  '',
];

/** So many of them have nothing unusual in them, but for one. */
const USUAL_MESSAGES = 5;
const ODD_MESSAGE = 3;

function counted(id: string, inputs: string, metrics: readonly object[]): readonly ComponentPlan[] {
  return [
    { id, kind: 'transform', type: 'log_to_metric', inputs: inputs.split(' '), options: { metrics } },
    {
      id: `${id}_logs`,
      kind: 'transform',
      type: 'metric_to_log',
      inputs: [id],
      options: { metric_tag_values: 'full' },
    },
    sink(`k_${id}`, `${id}_logs`, 'events'),
  ];
}

const SERIES = { host: '{{ hostname }}', msgid: '{{ msgid }}', where: '{{ appname }}/{{ procid }}' };

/** Among them one that all objects have, of another kind than they. */
function common(level: CommonPlan[string]): CommonPlan {
  return Object.fromEntries<CommonPlan[string]>([
    ['host', 'text'],
    ['constructor', 'text'],
    ['b', 'object'],
    ['level', level],
  ]);
}

export const NAMED: Readonly<Record<string, Case>> = {
  'a field that all objects of the language have, and the event has not': caseOf(
    [
      remap('t0', 'in', '.constructor = "x"; if .message != "x" { .toString = 1; abort }', { drop_on_abort: false }),
      remap('t1', 'in', `${parse}\n.toString = .constructor\n.a.valueOf = 1`),
      sink('k0', 't0'),
      sink('k1', 't1'),
    ],
    [...OBJECTS, '{"constructor":1}', '{"a":{"valueOf":2}}', '{"toString":{}}'],
  ),
  'ways that meet again in one sink': caseOf(
    [remap('t0', 'in', '.a = 1'), remap('t1', 't0', '.b = 1'), sink('k0', 't1 t0 in'), sink('k1', 't0 t1')],
    ['x', 'y'],
  ),
  'a parent and its child are written in turn': caseOf(
    [
      remap('t0', 'in', `${parse}\n.a.c = 5\n.a = {"b": .a.b}\n.a.d = .a.b[0]\ndel(.a.b, compact: true)`),
      sink('k0', 't0'),
    ],
    OBJECTS,
  ),
  'a branch changes what another one reads': caseOf(
    [
      remap('t0', 'in', parse),
      remap('t1', 't0', '.a.c = "changed"; del(.level)'),
      remap('t2', 't0', '.level = .a; .a = exists(.b)'),
      ...['t0', 't1', 't2'].flatMap((id) => [sink(`k_${id}`, id), sink(`e_${id}`, id, 'events')]),
    ],
    OBJECTS,
  ),
  'a value in two places is one value to nobody': caseOf(
    [remap('t0', 'in', `${parse}\n.x = .a\n.x.y = 1\n.z = .x\n.a.w = [.x]`), sink('k0', 't0')],
    OBJECTS,
  ),
  'what failed goes on as it came': caseOf(
    [
      remap('t0', 'in', `${parse}\n.level = upcase!(.level)\n.a.c = int!(.a.c)`, {
        drop_on_error: true,
        reroute_dropped: true,
      }),
      remap('t1', 't0.dropped', '.again = .metadata.dropped.message'),
      sink('k0', 't0'),
      sink('k1', 't0.dropped'),
      sink('k2', 't1'),
    ],
    OBJECTS,
  ),
  'several events of one': caseOf(
    [
      remap('t0', 'in', `${parse}\nif .level == "info" { . = [., 5, {"message": .a}] }`),
      { id: 't1', kind: 'transform', type: 'filter', inputs: ['t0'], options: { condition: 'exists(.level)' } },
      sink('k0', 't0'),
      sink('k1', 't1', 'stream', { encoding: { codec: 'text' } }),
    ],
    OBJECTS,
  ),
  'no slot is left for the output': caseOf(
    [remap('t0', 'in', `${parse}\n.b = 2`), sink('k0', 't0'), sink('k1', 'in'), sink('k2', 't0', 'requests', json)],
    [...OBJECTS, 'text \u0001'],
    { freeSlots: 1 },
  ),
  'bytes that are no UTF-8 between lines that are': caseOf(
    [
      remap('t0', 'in', '.b = 1'),
      sink('k0', 't0'),
      sink('k1', 'in'),
      sink('k2', 't0', 'stream', { encoding: { codec: 'text' } }),
    ],
    ['a', Buffer.from([0x61, 0xff]), '', Buffer.from([0xed, 0xa0, 0x80]), 'b'],
    { source: { common: { host: 'bytes', zone: 'object' } } },
  ),
  'output that fills slots': caseOf(
    [remap('t0', 'in', parse), sink('k0', 't0'), sink('k1', 'in')],
    Array.from({ length: 3000 }, (_, i) => `{"n":${i},"a":"${'\\"'.repeat(i % 40)}"}`),
  ),
  'a line that grows beyond a slot': caseOf(
    [remap('t0', 'in', '.b = 1'), sink('k0', 't0'), sink('k1', 'in')],
    ['before', '\u0001'.repeat(SLOT_BYTES - 1000), 'behind'],
  ),
  'an edit with more text than there is room for': caseOf(
    [
      remap('t0', 'in', `${parse}\n.copy = [.a, .a, .a, .a]\n.b = 1`),
      remap('t1', 't0', '.copy = string!(.copy[0]) + "!"'),
      sink('k0', 't0'),
      sink('k1', 't1'),
    ],
    [`{"a":"${'é'.repeat(9_000)}"}`, `{"a":"${'x'.repeat(40_000)}"}`, '{"a":"short"}'],
  ),
  'fields of the source beside those of JSON': caseOf(
    [
      remap('t0', 'in', 'del(.constructor); .b.c = 1; .host = upcase!(.host)'),
      remap('t1', 'in', '.x = .b; if exists(.constructor) { .constructor = .host }'),
      ...['in', 't0', 't1'].flatMap((id) => [sink(`k_${id}`, id), sink(`e_${id}`, id, 'events')]),
    ],
    [...OBJECTS.filter((line) => line.startsWith('{')), '{"host":"own","constructor":2,"b":{"a":1}}'],
    { source: { decoding: 'json', common: common('text') } },
  ),
  'JSON is merged into fields of the source': caseOf(
    [
      remap('t0', 'in', '. |= object!(parse_json!(.message))\ndel(.constructor)\n.b.c = 1\n.copy = .message'),
      remap('t1', 'in', '. = merge!(., parse_json!(.message))', { drop_on_error: true, reroute_dropped: true }),
      remap('t2', 't1', 'del(.message); .host.x = 1'),
      ...['t0', 't1', 't2', 't1.dropped'].flatMap((id) => [sink(`k_${id}`, id), sink(`e_${id}`, id, 'events')]),
    ],
    [...OBJECTS, '{"host":"own","constructor":2,"message":{"a":1}}', '{"b":"x"}'],
    { source: { common: common('bytes') } },
  ),
  'values that are nested as deep as is written, and deeper': caseOf(
    [
      remap('t0', 'in', '.d = 1; for_each(split(string!(.message), " ")) -> |_i, _v| { .d = [.d] }'),
      remap('t1', 'in', `${parse}\nfor_each(split(string!(.a), " ")) -> |_i, _v| { .b.d = [.b.d] }`),
      sink('k0', 't0'),
      sink('k1', 't1'),
      sink('k2', 't1', 'requests', { ...json, max_events: 3 }),
    ],
    [997, 998, 999, 1000, 1001].flatMap((deep) => {
      const words = Array(deep).fill('x').join(' ');
      return [words, `{"a":"${words}"}`];
    }),
  ),
  'syslog, looked at in parts': caseOf(
    [
      remap('t0', 'in', '. = parse_syslog!(.message)'),
      remap('t1', 't0', '.severity = upcase!(.severity); .age = .version; if .hostname == "db" { del(.msgid) }'),
      remap('t2', 'in', '. = parse_syslog!(.message); if .facility == "auth" { .x = .timestamp }; .y = .procid', {
        drop_on_error: true,
        reroute_dropped: true,
      }),
      remap('t3', 'in', '. = parse_syslog!(.message); .found = exists(."ex@32473")'),
      ...['t0', 't1', 't2', 't2.dropped', 't3'].flatMap((id) => [sink(`k_${id}`, id), sink(`e_${id}`, id, 'events')]),
      sink('k_text', 't1', 'stream', { encoding: { codec: 'text' } }),
    ],
    MESSAGES,
  ),
  'syslog becomes metrics': caseOf(
    [
      remap('t0', 'in', '. = parse_syslog!(.message)', { drop_on_error: true }),
      ...counted('m0', 't0', [{ type: 'counter', field: 'message', name: 'lines', tags: SERIES }]),
      ...counted('m1', 't0', [
        { type: 'gauge', field: 'procid', name: 'p_{{ facility }}', namespace: '{{ hostname }}' },
        { type: 'counter', field: 'version', increment_by_value: true, tags: { at: '%S', 'm_*': '{{ message }}' } },
      ]),
      ...counted('m2', 't0', [{ type: 'set', field: 'ex@32473' }]),
      sink('k0', 't0'),
    ],
    MESSAGES,
  ),
  'messages of syslog as they came': caseOf(
    [
      remap(
        't0',
        'in',
        '.severity = upcase!(.severity); .host = string!(.host) + "!"; if .hostname == "db" { del(.msgid) }',
      ),
      remap('t1', 'in', 'if .zone.a.status == 5 { .zone.z = .procid; del(.version) }', { drop_on_error: true }),
      remap('t2', 'in', '.found = exists(."ex@32473"); .message = upcase!(.message)'),
      remap('t3', 'in', '. = {"only": .message}'),
      ...['in', 't0', 't1', 't2', 't3'].flatMap((id) => [sink(`k_${id}`, id), sink(`e_${id}`, id, 'events')]),
      sink('k_text', 't2', 'stream', { encoding: { codec: 'text' } }),
      ...counted('m0', 'in', [
        { type: 'counter', field: 'message', name: 'lines', tags: { ...SERIES, host: '{{ host }}' } },
      ]),
      ...counted('m1', 't0', [{ type: 'gauge', field: 'procid', tags: { source: '{{ source_type }}' } }]),
    ],
    MESSAGES.slice(0, USUAL_MESSAGES).filter((_, index) => index !== ODD_MESSAGE),
    { source: { decoding: 'syslog', common: { source_ip: 'text', zone: 'object' } } },
  ),
  'what is there, null or not there is counted or not': caseOf(
    [
      remap('t0', 'in', '. = parse_json!(.message)', { drop_on_error: true }),
      ...counted('m0', 't0', [{ type: 'counter', field: 'a' }]),
      ...counted('m1', 'in', [
        { type: 'counter', field: 'message', tags: { host: '{{ host }}', text: '{{ message }}' } },
      ]),
      ...counted('m2', 't0 in', [{ type: 'counter', field: 'level', tags: { a: '{{ a }}', b: '{{ b[0] }}' } }]),
      ...counted('m3', 't0', [{ type: 'counter', field: '{{ level }}' }]),
      { id: 'f0', kind: 'transform', type: 'filter', inputs: ['t0'], options: { condition: '.a == null' } },
      ...counted('m4', 'f0', [
        { type: 'counter', field: 'a' },
        { type: 'summary', field: 'b' },
      ]),
    ],
    [...OBJECTS, '{"level":null,"a":0}', '{"level":"a","a":"x","b":5}'],
    { source: { common: { host: 'text', level: 'bytes' } } },
  ),
  'the message under another name': caseOf(
    [
      remap('t0', 'in', '. = parse_json!(.log.text)\n.b = 1'),
      sink('k0', 't0'),
      sink('k1', 'in', 'stream', { encoding: { codec: 'text' } }),
    ],
    OBJECTS,
    { source: { messageKey: 'log.text' } },
  ),
  'what comes in is a value and no object': caseOf(
    [
      remap('t0', 'in', '. = parse_json!(.)\n.b = %feed'),
      remap('t1', 'in', '%a = 1'),
      sink('k0', 't0'),
      sink('k1', 't1'),
    ],
    OBJECTS,
    { source: { namespace: 'vector' } },
  ),
};
