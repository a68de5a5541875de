// The jobs: what goes in, what must come out, and the configuration a user of Sluice writes for it.

import type { Expectation } from './check.ts';
import { CRI_PART, type InputKind, isCriPart } from './inputs.ts';

/** Where a program finds and leaves the data of one run. */
export interface Setting {
  /** A folder of the program's own. */
  readonly dataDir: string;
  /** A file job: the input appears here as `input.log` once the program is ready, that of a pod where the kubelet puts it. */
  readonly inDir: string;
  readonly inPort: number;
  readonly outPort: number;
  readonly outFile: string;
  /** Threads that Sluice may use. */
  readonly threads: number;
}

export interface Job {
  readonly id: string;
  readonly title: string;
  readonly lines: InputKind;
  readonly input: 'tcp' | 'file' | 'http' | 'pod';
  /** Whether what comes over TCP is for the source of syslog. */
  readonly isSyslog?: boolean;
  /** `none`: counted and thrown away; `discard`: written to /dev/null; `scrape`: counters to be scraped at `outPort`. */
  readonly output: 'none' | 'tcp' | 'http' | 'file' | 'discard' | 'scrape';
  /** Bytes of input when none are asked for. */
  readonly mib: number;
  /** The bytes as they were, or lines made of them. Jobs without an output have none. */
  readonly expectation: 'same' | Expectation | undefined;
  /** Sluice's transforms between the source `in` and the sink; YAML, indented by two. */
  readonly transforms?: string;
  /** Which other job's plain cost this one is compared with as well. */
  readonly alsoAgainst?: string;
}

/** Nine groups of a line in the combined format. */
export const APACHE_PATTERN: string =
  '^(?P<host>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\S+) (?P<path>\\S+) [^"]*" (?P<code>\\d+) (?P<size>\\d+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"$';

const REGEX = `  parsed:
    type: remap
    inputs: [in]
    source: |
      . = parse_regex!(.message, r'${APACHE_PATTERN}')
`;

const EDITS = `  parsed:
    type: remap
    inputs: [in]
    source: |
      . = parse_json!(.message)
  kept:
    type: filter
    inputs: [parsed]
    condition: .request.status != 404
  edited:
    type: remap
    inputs: [kept]
    source: |
      .level = upcase!(.level)
      .ok = int!(.request.status) < 400
      del(.user_id)
`;

const ONE_TENANT = `  parsed:
    type: remap
    inputs: [in]
    source: |
      . = parse_json!(.message)
  kept:
    type: filter
    inputs: [parsed]
    condition: .tenant == "t-42"
`;

/** The series that a line of syslog counts for, as text. */
export const SYSLOG_LINE: RegExp = /^<\d+>1 \S+ (?<host>\S+) (?<app>\S+) \S+ (?<msgid>\S+) /;

const PARSED = `  parsed:
    type: remap
    inputs: [in]
    source: |
      . = parse_syslog!(.message)
`;

const COUNTED = `  counted:
    type: log_to_metric
    inputs: [in]
    metrics:
      - type: counter
        field: message
        name: lines_total
        tags: {host: "{{ hostname }}", app: "{{ appname }}", msgid: "{{ msgid }}"}
`;

const MERGED = `  parsed:
    type: remap
    inputs: [in]
    source: |
      . = parse_regex!(.message, r'^(?P<timestamp>\\S+) (?P<stream>stdout|stderr) (?P<flag>[PF]) (?P<message>.*)$')
  merged:
    type: reduce
    inputs: [parsed]
    group_by: [stream]
    ends_when: .flag == "F"
    merge_strategies: {message: concat_raw, timestamp: retain, flag: retain}
`;

/** Twelve components in a row, one step each; the sink encodes. */
export const CHAIN_STEPS: readonly string[] = [
  '. = object!(parse_json!(.message))',
  '.level = upcase!(.level)',
  'if .level == "WARN" { .level = "WARNING" }',
  '.environment = "production"',
  'if int!(.request.status) >= 500 { .severity = "error" } else if int!(.request.status) >= 400 { .severity = "warning" } else { .severity = "ok" }',
  '.seconds = to_float!(.request.duration_ms) / 1000.0',
  'del(.user_id)',
  '.service = "shop/" + string!(.service)',
  '.tags = ["edge", .host]',
  '.slow = float!(.seconds) > 0.5',
  'if .slow == true && .severity == "ok" { .severity = "notice" }',
  'del(.request.duration_ms)',
];

const CHAIN = CHAIN_STEPS.map(
  (step, index) => `  step_${index + 1}:
    type: remap
    inputs: [${index === 0 ? 'in' : `step_${index}`}]
    source: |
      ${step}
`,
).join('');

const regexGroups: Expectation = {
  expected: (line) => ({ ...new RegExp(APACHE_PATTERN.replaceAll('?P<', '?<')).exec(line)!.groups }),
};

/** Events of whole lines: the metadata differ by program, the text must be there. */
function envelope(sourceType: string): Expectation {
  return {
    expected: (line) => line,
    isRight: (output, line) => {
      const event = output as Record<string, unknown>;
      return (
        event['message'] === line &&
        event['source_type'] === sourceType &&
        typeof event['timestamp'] === 'string' &&
        !Number.isNaN(Date.parse(event['timestamp']))
      );
    },
    isVolatile: true,
  };
}

/** A JSON line as the test reads it, independent of any subject. */
type Line = Record<string, unknown> & { request: Record<string, unknown> & { status: number; duration_ms: number } };

const edits: Expectation = {
  expected(line) {
    const { user_id: _, ...event } = JSON.parse(line) as Line;
    if (event.request.status === 404) return undefined;
    return { ...event, level: String(event['level']).toUpperCase(), ok: event.request.status < 400 };
  },
};

const oneTenant: Expectation = {
  expected: (line) => (line.includes('"tenant":"t-42"') ? JSON.parse(line) : undefined),
};

/** Counters of lines by series: what a scrape must show. */
const counted: Expectation = {
  expected(line) {
    const { host, app, msgid } = SYSLOG_LINE.exec(line)!.groups!;
    return { host, app, ...(msgid === '-' ? {} : { msgid }) };
  },
};

const merged: Expectation = {
  expected(line) {
    if (isCriPart(line)) return undefined;
    const [, timestamp, stream, text] = /^(\S+) (\S+) F (.*)$/.exec(line)!;
    const message = text!.startsWith('end of a long line') ? CRI_PART + text : text;
    return { timestamp, stream, message, flag: 'F' };
  },
};

/** Where the log of the pod is below the folder of all pods, and what its events are. */
export const POD_LOG = 'default_web_u0/main/0.log';

/** An event of the log of a container: the text of its parts, their first time, and the pod. */
const podEvents: Expectation = {
  expected(line, next) {
    const [, time, stream, flag, text] = /^(\S+) (\S+) ([PF]) (.*)$/.exec(line)!;
    if (text!.startsWith('end of a long line')) return undefined;
    const message = flag === 'P' ? text + / F (.*)$/.exec(next)![1]! : text;
    return { time: time!.replace(/(000)*Z$/, 'Z'), stream, message, pod: 'web', file: POD_LOG };
  },
  read(output) {
    const { timestamp: time, stream, message, kubernetes, file } = JSON.parse(output);
    return {
      time: time.replace(/(000)*Z$/, 'Z'),
      stream,
      message,
      pod: kubernetes.pod_name,
      file: file.slice(-POD_LOG.length),
    };
  },
};

const chain: Expectation = {
  expected(line) {
    const { user_id: _, request, ...event } = JSON.parse(line) as Line;
    const { duration_ms, ...rest } = request;
    const seconds = duration_ms / 1000;
    const level = String(event['level']).toUpperCase();
    return {
      ...event,
      request: rest,
      level: level === 'WARN' ? 'WARNING' : level,
      environment: 'production',
      severity: request.status >= 500 ? 'error' : request.status >= 400 ? 'warning' : seconds > 0.5 ? 'notice' : 'ok',
      seconds,
      service: `shop/${event['service']}`,
      tags: ['edge', event['host']],
      slow: seconds > 0.5,
    };
  },
};

/** The jobs by their ids; those with S are for `--scaling`. */
export const JOBS: readonly Job[] = [
  job('W1', 'tcp → blackhole', 'json', 'tcp', 'none', undefined),
  job('W12', 'file → blackhole', 'json', 'file', 'none', undefined),
  job('W2', 'file → tcp', 'json', 'file', 'tcp', 'same'),
  job('W5', 'tcp → tcp', 'json', 'tcp', 'tcp', 'same'),
  job('W3', 'tcp → regex, 9 groups → tcp JSON', 'apache', 'tcp', 'tcp', regexGroups, REGEX),
  job('W4', 'tcp lines → JSON objects → http', 'json', 'tcp', 'http', envelope('socket')),
  job('W6', 'file JSON → filter, edits → file JSON', 'json', 'file', 'file', edits, EDITS),
  job('W6H', 'file JSON → filter, edits → http JSON', 'json', 'file', 'http', edits, EDITS),
  job('W11', 'tcp 2 KB JSON → keep 1 % → tcp JSON', 'wide', 'tcp', 'tcp', oneTenant, ONE_TENANT),
  {
    ...job('W7', 'http text, 10 KB bodies → http JSON', 'json', 'http', 'http', envelope('http_server')),
    alsoAgainst: 'W4',
  },
  {
    ...job(
      'W8',
      'syslog over tcp → counter by host, app, msgid → exporter',
      'syslog',
      'tcp',
      'scrape',
      counted,
      COUNTED,
    ),
    isSyslog: true,
    alsoAgainst: 'W4',
  },
  {
    ...job(
      'W8R',
      'tcp, RFC 5424 parsed by `remap` → counter by host, app, msgid → exporter',
      'syslog',
      'tcp',
      'scrape',
      counted,
      PARSED + COUNTED.replace('[in]', '[parsed]'),
    ),
    alsoAgainst: 'W4',
  },
  {
    ...job('W13', 'log of a container, parts merged → tcp JSON', 'cri', 'pod', 'tcp', podEvents),
    alsoAgainst: 'W4',
  },
  {
    ...job('W13R', 'tcp, CRI lines, parts merged by `reduce` → tcp JSON', 'cri', 'tcp', 'tcp', merged, MERGED),
    alsoAgainst: 'W4',
  },
  job('CHAIN', '12 remaps in a row, file JSON → file JSON', 'json', 'file', 'file', chain, CHAIN),
  job('S3', 'file → regex, 9 groups → JSON to /dev/null', 'apache', 'file', 'discard', regexGroups, REGEX),
  job('S4', 'file lines → JSON objects to /dev/null', 'json', 'file', 'discard', envelope('file')),
];

function job(
  id: string,
  title: string,
  lines: InputKind,
  input: Job['input'],
  output: Job['output'],
  expectation: Job['expectation'],
  transforms?: string,
): Job {
  const mib = expectation === undefined || expectation === 'same' ? 1024 : 256;
  return { id, title, lines, input, output, mib, expectation, transforms };
}

/** The id of the component that the sink reads from. */
function lastOf(transforms: string | undefined): string {
  return transforms ? [...transforms.matchAll(/^ {2}(\w+):$/gm)].at(-1)![1]! : 'in';
}

/** The configuration of a job for Sluice, as a file of a user has it. */
export function sluiceConfig({ input, isSyslog, output, expectation, transforms }: Job, setting: Setting): string {
  const source = {
    tcp: `    type: ${isSyslog ? 'syslog' : 'socket'}
    mode: tcp
    address: 127.0.0.1:${setting.inPort}`,
    file: `    type: file
    include: ["${setting.inDir}/*.log"]`,
    pod: `    type: kubernetes_logs
    self_node_name: node-1
    kube_config_file: ${setting.dataDir}/kubeconfig`,
    http: `    type: http_server
    address: 127.0.0.1:${setting.inPort}
    framing: {method: newline_delimited}`,
  }[input];
  const sink = {
    // Says at the end how much it took.
    none: `    type: blackhole
    print_interval_secs: 3600`,
    tcp: `    type: socket
    mode: tcp
    address: 127.0.0.1:${setting.outPort}
    encoding: {codec: ${expectation === 'same' ? 'text' : 'json'}}`,
    http: `    type: http
    uri: http://127.0.0.1:${setting.outPort}/
    encoding: {codec: json}
    framing: {method: newline_delimited}
    batch: {max_bytes: 1000000}`,
    file: `    type: file
    path: ${setting.outFile}
    encoding: {codec: json}`,
    discard: `    type: file
    path: /dev/null
    encoding: {codec: json}`,
    scrape: `    type: prometheus_exporter
    address: 127.0.0.1:${setting.outPort}`,
  }[output];
  return `data_dir: ${setting.dataDir}
acknowledgements: {enabled: true}
sources:
  in:
${source}
${transforms ? `transforms:\n${transforms}` : ''}sinks:
  out:
    inputs: [${lastOf(transforms)}]
${sink}
`;
}
