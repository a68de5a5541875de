// Programs as people write them, each with events as they meet them.

import { seededRandom } from '../../src/std/random.ts';

export interface VrlJob {
  readonly name: string;
  readonly source: string;
  // biome-ignore lint/suspicious/noExplicitAny: plain JSON values, which are values of events.
  readonly events: readonly any[];
}

const random = seededRandom(7);

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

function whole(below: number): number {
  return Math.floor(random() * below);
}

const PATHS = ['/', '/index.html', '/api/v1/users/{id}', '/api/v1/orders/{id}/items', '/static/app.js', '/login'];
const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error'];
const SERVICES = ['checkout', 'inventory', 'payments', 'search', 'gateway'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'curl/8.5.0',
  'kube-probe/1.29',
];

function many(make: (index: number) => unknown): unknown[] {
  return Array.from({ length: 200 }, (_, index) => make(index));
}

function ip(): string {
  return `${10 + whole(200)}.${whole(256)}.${whole(256)}.${whole(256)}`;
}

function time(index: number): string {
  return new Date(1_760_000_000_000 + index * 1733).toISOString();
}

function record(index: number): Record<string, unknown> {
  return {
    timestamp: time(index),
    level: pick(LEVELS),
    service: pick(SERVICES),
    host: `node-${whole(40)}`,
    request: {
      method: pick(['GET', 'POST', 'PUT']),
      path: pick(PATHS).replace('{id}', String(whole(9999))),
      status: pick([200, 200, 200, 204, 301, 404, 500]),
    },
    duration_ms: whole(90_000) / 100 + 0.5,
    bytes: whole(100_000),
    tags: ['edge', pick(['a', 'b', 'c']), `shard-${whole(16)}`],
    message: `request ${whole(1e6)} handled by worker ${whole(64)}`,
  };
}

function jsonEvent(index: number): unknown {
  return { message: JSON.stringify(record(index)), source_type: 'file', file: '/var/log/app.log', host: 'node-1' };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function clfTime(index: number): string {
  const date = new Date(1_760_000_000_000 + index * 1733);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

function accessLine(index: number): string {
  return `${ip()} - ${pick(['-', 'anna', 'ben'])} [${clfTime(index)}] "${pick(['GET', 'POST'])} ${pick(PATHS).replace('{id}', String(whole(9999)))} HTTP/1.1" ${pick([200, 304, 404, 500])} ${whole(50_000)} "https://example.com/start" "${pick(AGENTS)}"`;
}

function syslogLine(index: number): string {
  return `<${whole(190)}>1 ${time(index)} host-${whole(30)}.example.com ${pick(SERVICES)} ${1000 + whole(30_000)} ID${whole(99)} [exampleSDID@32473 iut="${whole(9)}" eventSource="Application" eventID="${whole(9999)}"] session ${whole(99_999)} opened for user ${pick(['root', 'anna', 'ben'])}`;
}

function keyValueLine(index: number): string {
  return `ts=${time(index)} level=${pick(LEVELS)} caller=${pick(SERVICES)}/main.go:${whole(900)} msg="request done" method=GET path=/api/v1/items status=${pick([200, 404])} dur=${whole(9000)}ms user="${pick(['anna', 'ben'])}"`;
}

export function programs(): VrlJob[] {
  return [
    {
      name: 'field edits',
      source: `.environment = "production"
.service = downcase(string!(.service))
.request.secure = true
.size_kb = to_int!(.bytes) / 1024
del(.host)
.label = "{{ x }}"`.replace('.label = "{{ x }}"', 'who = string!(.service)\n.label = "service {{ who }}"'),
      events: many(record),
    },
    {
      name: 'parse_json, edits, encode_json',
      source: `. = object!(parse_json!(string!(.message)))
.level = upcase(string!(.level))
.environment = "production"
.request.secure = true
del(.bytes)
.message = encode_json(.)`,
      events: many(jsonEvent),
    },
    {
      name: 'regex with named groups',
      source: `. |= parse_regex!(string!(.message), r'^(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\w+) (?P<path>\\S+) (?P<protocol>[^"]+)" (?P<status>\\d{3}) (?P<size>\\d+)')
.status = to_int!(.status)
.size = to_int!(.size)`,
      events: many((index) => ({ message: accessLine(index), host: 'a' })),
    },
    {
      name: 'grok',
      source: `. |= parse_grok!(string!(.message), "%{IPORHOST:client} %{USER:ident} %{USER:auth} \\\\[%{HTTPDATE:time}\\\\] \\"%{WORD:method} %{NOTSPACE:path} HTTP/%{NUMBER:version}\\" %{NUMBER:status} %{NUMBER:size}")`,
      events: many((index) => ({ message: accessLine(index), host: 'a' })),
    },
    {
      name: 'key-value',
      source: `. |= parse_key_value!(string!(.message))
.status = to_int!(.status)
del(.message)`,
      events: many((index) => ({ message: keyValueLine(index) })),
    },
    {
      name: 'syslog',
      source: `. = merge(., parse_syslog!(string!(.message)))
.severity_code = to_syslog_severity(string!(.severity)) ?? 7`,
      events: many((index) => ({ message: syslogLine(index) })),
    },
    {
      name: 'apache access log',
      source: `. |= parse_apache_log!(string!(.message), "combined")`,
      events: many((index) => ({ message: accessLine(index) })),
    },
    {
      name: 'timestamps',
      source: `ts = parse_timestamp!(.timestamp, "%+")
.epoch = to_unix_timestamp(ts, unit: "milliseconds")
.day = format_timestamp!(ts, "%Y-%m-%d")
.hour = format_timestamp!(ts, "%H:%M:%S%.3f")
.timestamp = ts`,
      events: many(record),
    },
    {
      name: 'conditionals',
      source: `status = int!(.request.status)
if status >= 500 {
  .severity = "error"
} else if status >= 400 && .request.method != "GET" {
  .severity = "warning"
} else if .level == "debug" || starts_with(string!(.request.path), "/static") {
  .severity = "noise"
} else {
  .severity = "normal"
}
.slow = (float(.duration_ms) ?? 0.0) > 250.0
if .slow == true && exists(.request.path) { .alert = true }`,
      events: many(record),
    },
    {
      name: 'closures over arrays',
      source: `.tags = map_values(array!(.tags)) -> |tag| { upcase(string!(tag)) }
.tags = filter(array!(.tags)) -> |_i, tag| { !starts_with(string!(tag), "SHARD") }
count = 0
for_each(array!(.tags)) -> |_i, tag| { count = count + length(string!(tag)) }
.count = count`,
      events: many(record),
    },
    {
      name: 'string chains',
      source: `m = string!(.message)
m = replace(m, "request", "req")
m = strip_whitespace(m)
m = truncate(m, 64)
parts = split(m, " ")
.first = upcase(string!(parts[0]))
.words = length(parts)
.message = join!(parts, "_")
.has = contains(m, "worker") && ends_with(m, "1")
.short = slice!(m, 0, 5)`,
      events: many(record),
    },
    {
      name: 'fallbacks',
      source: `parsed = parse_json(string!(.message)) ?? parse_key_value(string!(.message)) ?? {}
.parsed = parsed
.kind = to_string(.missing) ?? "none"`,
      events: many((index) => (index % 2 === 0 ? jsonEvent(index) : { message: keyValueLine(index) })),
    },
    {
      name: 'redaction and hashing',
      source: `.message = redact(string!(.message), filters: [r'\\d{4,}'])
.id = md5(string!(.message))
.key = sha2(string!(.host), variant: "SHA-256")`,
      events: many(record),
    },
    {
      name: 'twelve steps',
      source: `. = object!(parse_json!(string!(.message)))
.timestamp = parse_timestamp!(.timestamp, "%+")
.level = downcase(string!(.level))
if .level == "warning" { .level = "warn" }
.request.route = replace(string!(.request.path), r'\\d+', ":id")
.request.class = to_string(to_int!(.request.status) / 100)
.duration = to_float!(.duration_ms) / 1000.0
del(.duration_ms)
.tags = push(array!(.tags), .service)
.host = split(string!(.host), "-")[1]
.summary, err = .level + " " + .request.method
.out = encode_json(.)`,
      events: many(jsonEvent),
    },
  ];
}
