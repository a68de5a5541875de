// Each job of the benchmark the plain way in Node: streams, lines, JSON.parse, an edit, JSON.stringify. No batches, no
// metadata, no acknowledgements, no metrics: the yardstick that travels from machine to machine.
//
//   node plain.mjs '{"id": "W6", "inPort": 1, "outPort": 2, "metricsPort": 3, "inDir": "/in", "outFile": "/out"}'
//
// It listens on `inPort`, or waits for a *.log in `inDir`, and goes on until it is stopped; `metricsPort` answers with the
// number of lines of a job that only counts.

import { once } from 'node:events';
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { createInterface } from 'node:readline';

const { id, inPort, outPort, metricsPort, inDir, outFile } = JSON.parse(process.argv[2] ?? '{}');

/** The file that is read. */
let file = '';

const APACHE =
  /^(?<host>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>\S+) (?<path>\S+) [^"]*" (?<code>\d+) (?<size>\d+) "(?<referer>[^"]*)" "(?<agent>[^"]*)"$/;

/** What becomes of one line, by job; undefined drops it. @type {Record<string, (line: string) => string | undefined>} */
const LINES = {
  W3: (line) => JSON.stringify({ ...APACHE.exec(line)?.groups }),
  W4: (line) => envelope(line, 'socket'),
  W6: (line) => {
    const event = JSON.parse(line);
    if (event.request.status === 404) return undefined;
    event.level = event.level.toUpperCase();
    event.ok = event.request.status < 400;
    delete event.user_id;
    return JSON.stringify(event);
  },
  W7: (line) => envelope(line, 'http_server'),
  W11: (line) => {
    const event = JSON.parse(line);
    return event.tenant === 't-42' ? JSON.stringify(event) : undefined;
  },
  CHAIN: (line) => {
    let event = JSON.parse(line);
    for (const step of STEPS) event = step(event);
    return JSON.stringify(event);
  },
};
const CRI = /^(?<timestamp>\S+) (?<stream>stdout|stderr) (?<flag>[PF]) (?<message>.*)$/;

/** Begun lines by stream. @type {Map<string, string>} */
const parts = new Map();

LINES['W13R'] = (line) => {
  const event = { ...CRI.exec(line)?.groups };
  const begun = parts.get(event.stream ?? '') ?? '';
  if (event.flag === 'P') {
    parts.set(event.stream ?? '', begun + event.message);
    return undefined;
  }
  if (begun !== '') {
    event.message = begun + event.message;
    parts.delete(event.stream ?? '');
  }
  return JSON.stringify(event);
};

/** What is known of the one pod. */
const POD = {
  container_id: 'containerd://u0',
  container_image: 'image:1',
  container_image_id: 'sha256:1',
  container_name: 'main',
  namespace_labels: {},
  node_labels: {},
  pod_annotations: { note: 'web' },
  pod_ip: '10.0.0.1',
  pod_ips: ['10.0.0.1'],
  pod_labels: { app: 'shop' },
  pod_name: 'web',
  pod_namespace: 'default',
  pod_node_name: 'node-1',
  pod_owner: 'ReplicaSet/web',
  pod_uid: 'u0',
};

/** Begun messages by stream. @type {Map<string, { timestamp?: string, message?: string }>} */
const begun = new Map();

LINES['W13'] = (line) => {
  const { timestamp, stream = '', flag, message } = { ...CRI.exec(line)?.groups };
  let first = begun.get(stream);
  if (flag === 'P') {
    if (first) first.message += message ?? '';
    else begun.set(stream, { timestamp, message });
    return undefined;
  }
  if (first) {
    first.message += message ?? '';
    begun.delete(stream);
  } else first = { timestamp, message };
  return JSON.stringify({
    file,
    kubernetes: POD,
    message: first.message,
    source_type: 'kubernetes_logs',
    stream,
    timestamp: first.timestamp,
  });
};

const SYSLOG =
  /^<(?<pri>\d+)>(?<version>\d+) (?<timestamp>\S+) (?<host>\S+) (?<app>\S+) (?<procid>\S+) (?<msgid>\S+) (?<data>-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (?<message>.*))?$/;

/** How often each series came. @type {Map<string, number>} */
const counts = new Map();

/** @param {import('node:stream').Readable} input */
async function countSeries(input) {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const { host, app, msgid } = SYSLOG.exec(line)?.groups ?? {};
    const key = `host="${host}",app="${app}"${msgid === '-' ? '' : `,msgid="${msgid}"`}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}

function showCounts() {
  const series = [...counts].map(([key, value]) => `lines_total{${key}} ${value}\n`);
  return `# TYPE lines_total counter\n${series.join('')}`;
}

LINES['S3'] = LINES['W3'];
LINES['S4'] = (line) => envelope(line, 'file');

/** The steps of the chain after parsing: each takes an event and passes it on. @type {((event: any) => any)[]} */
const STEPS = [
  (event) => {
    event.level = event.level.toUpperCase();
    return event;
  },
  (event) => {
    if (event.level === 'WARN') event.level = 'WARNING';
    return event;
  },
  (event) => {
    event.environment = 'production';
    return event;
  },
  (event) => {
    const { status } = event.request;
    event.severity = status >= 500 ? 'error' : status >= 400 ? 'warning' : 'ok';
    return event;
  },
  (event) => {
    event.seconds = event.request.duration_ms / 1000;
    return event;
  },
  (event) => {
    delete event.user_id;
    return event;
  },
  (event) => {
    event.service = `shop/${event.service}`;
    return event;
  },
  (event) => {
    event.tags = ['edge', event.host];
    return event;
  },
  (event) => {
    event.slow = event.seconds > 0.5;
    return event;
  },
  (event) => {
    if (event.slow && event.severity === 'ok') event.severity = 'notice';
    return event;
  },
  (event) => {
    delete event.request.duration_ms;
    return event;
  },
];

/** @param {string} message @param {string} sourceType */
function envelope(message, sourceType) {
  return JSON.stringify({ message, timestamp: new Date().toISOString(), host: '127.0.0.1', source_type: sourceType });
}

let lines = 0;

/** @param {import('node:stream').Readable} input */
async function run(input) {
  if (id === 'W1' || id === 'W12') return count(input);
  if (id === 'W2' || id === 'W5') return void input.pipe(net.connect(outPort, '127.0.0.1'));
  if (id === 'W4') return post(input);
  if (id === 'W8' || id === 'W8R') return countSeries(input);
  return write(
    input,
    LINES[id],
    ['W3', 'W11', 'W13', 'W13R'].includes(id) ? net.connect(outPort, '127.0.0.1') : createWriteStream(outFile),
  );
}

/** @param {import('node:stream').Readable} input */
async function count(input) {
  for await (const chunk of input) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  }
}

/** @param {import('node:stream').Readable} input @param {(line: string) => string | undefined} make @param {import('node:stream').Writable} out */
async function write(input, make, out) {
  out.on('error', () => {});
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const text = make(line);
    if (text !== undefined && !out.write(`${text}\n`)) await once(out, 'drain');
  }
  out.end();
}

const BODY_CHARS = 1_000_000;
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

/** One body is under way while the next fills. @param {import('node:stream').Readable} input */
async function post(input) {
  /** @type {string[]} */
  let body = [];
  let size = 0;
  let sent;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const text = LINES['W4'](line) ?? '';
    body.push(text);
    size += text.length;
    if (size <= BODY_CHARS) continue;
    await sent;
    sent = send(body.join('\n'));
    body = [];
    size = 0;
  }
  await sent;
  if (size > 0) await send(body.join('\n'));
}

/** @param {string} data @returns {Promise<void>} */
function send(data) {
  return new Promise((resolve) => {
    const headers = { 'content-length': Buffer.byteLength(data) };
    const request = http.request({ host: '127.0.0.1', port: outPort, method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', resolve);
    });
    request.end(data);
  });
}

/** Requests of text in, bodies of about 1 MB out; what is left goes out after a second without requests. */
function serve() {
  /** @type {string[]} */
  let body = [];
  let size = 0;
  const flush = () => {
    const data = body.join('\n');
    body = [];
    size = 0;
    return send(data);
  };
  const late = setTimeout(() => size > 0 && void flush(), 1000);
  const server = http.createServer(async (request, response) => {
    request.setEncoding('utf8');
    let text = '';
    for await (const chunk of request) text += chunk;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const made = LINES['W7'](line) ?? '';
      body.push(made);
      size += made.length;
    }
    late.refresh();
    if (size > BODY_CHARS) await flush();
    response.end();
  });
  server.listen(inPort, '127.0.0.1');
}

http.createServer((_, response) => response.end(`${lines}\n`)).listen(metricsPort, '127.0.0.1');
if (id === 'W8' || id === 'W8R')
  http.createServer((_, response) => response.end(showCounts())).listen(outPort, '127.0.0.1');
if (id === 'W7') serve();
else if (['W1', 'W3', 'W4', 'W5', 'W8', 'W8R', 'W11', 'W13R'].includes(id))
  net.createServer(run).listen(inPort, '127.0.0.1');
else {
  const look = setInterval(() => {
    const name = readdirSync(inDir, { recursive: true, encoding: 'utf8' }).find((each) => each.endsWith('.log'));
    if (name === undefined) return;
    clearInterval(look);
    file = `${inDir}/${name}`;
    run(createReadStream(file));
  }, 50);
}
