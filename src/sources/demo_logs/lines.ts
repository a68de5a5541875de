// Lines as servers and daemons write them, made up from short lists.

import type { Random } from '../../std/random.ts';

/** Makes line `number`, from 0, as if written at `nowMs`. */
export type LineMaker = (number: number, nowMs: number) => string;

export type Format =
  | { readonly format: 'apache_common' | 'apache_error' | 'bsd_syslog' | 'json' | 'syslog' }
  | { readonly format: 'shuffle'; readonly lines: readonly string[]; readonly sequence: boolean };

/** The maker of a format's lines. */
export function lineMaker(config: Format, random: Random): LineMaker {
  const dice = new Dice(random);
  switch (config.format) {
    case 'apache_common':
      return (_number, nowMs) => apacheCommon(dice, nowMs);
    case 'apache_error':
      return (_number, nowMs) => apacheError(dice, nowMs);
    case 'bsd_syslog':
      return (_number, nowMs) => bsdSyslog(dice, nowMs);
    case 'json':
      return (_number, nowMs) => jsonAccess(dice, nowMs);
    case 'syslog':
      return (_number, nowMs) => syslog(dice, nowMs);
    case 'shuffle':
      return (number) => (config.sequence ? `${number} ` : '') + dice.one(config.lines);
  }
}

class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A whole number from `from` up to `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  one<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!;
  }
}

const USERS = ['amira', 'bruno', 'chen', 'dalia', 'emeka', 'freya', 'goran', 'hana', 'ines', 'jonas', 'kavya', 'lars'];
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PATHS = [
  '/',
  '/api/v2/orders',
  '/api/v2/orders/1731/items',
  '/assets/app.4f1c.js',
  '/basket/checkout',
  '/favicon.ico',
  '/health',
  '/login',
  '/reports/weekly?format=csv',
  '/search?q=lamp',
];
const VERSIONS = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'];
const STATUSES = [200, 200, 200, 201, 204, 301, 304, 400, 401, 403, 404, 404, 409, 500, 502, 503];
const HOSTS = [
  'blue.example.com',
  'edge-3.example.net',
  'green.example.com',
  'mail.example.org',
  'worker7.example.net',
];
const PROGRAMS = ['billing', 'cron', 'gateway', 'mailer', 'scheduler', 'sshd', 'thumbnailer'];
const MODULES = ['core', 'proxy', 'rewrite', 'ssl'];
const LEVELS = ['alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];
const MESSAGES = [
  'cache is cold, the first answers will be slow',
  'certificate expires in 12 days',
  'connection pool exhausted, waiting for a free one',
  'could not resolve the upstream name, trying the next resolver',
  'job finished after 3 attempts',
  'lease renewed',
  'no space left for temporary files',
  'queue length is back to normal',
  'request body is larger than allowed',
  'user is not in the list of those who may do this',
];

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

function timeOfDay(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `27/Apr/2026:16:45:10` */
function accessTime(nowMs: number): string {
  const date = new Date(nowMs);
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${timeOfDay(date)}`;
}

function address(dice: Dice): string {
  return [dice.between(1, 223), dice.between(0, 255), dice.between(0, 255), dice.between(1, 254)].join('.');
}

function apacheCommon(dice: Dice, nowMs: number): string {
  const request = `${dice.one(METHODS)} ${dice.one(PATHS)} ${dice.one(VERSIONS)}`;
  const bytes = dice.between(40, 50_000);
  return `${address(dice)} - ${dice.one(USERS)} [${accessTime(nowMs)} +0000] "${request}" ${dice.one(STATUSES)} ${bytes}`;
}

function apacheError(dice: Dice, nowMs: number): string {
  const date = new Date(nowMs);
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  const origin = `[${dice.one(MODULES)}:${dice.one(LEVELS)}] [pid ${dice.between(2, 32_768)}:tid ${dice.between(2, 32_768)}]`;
  const client = `[client ${address(dice)}:${dice.between(1024, 65_535)}]`;
  return `[${day} ${timeOfDay(date)} ${date.getUTCFullYear()}] ${origin} ${client} ${dice.one(MESSAGES)}`;
}

function bsdSyslog(dice: Dice, nowMs: number): string {
  const date = new Date(nowMs);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, ' ')}`;
  const program = `${dice.one(PROGRAMS)}[${dice.between(100, 9999)}]`;
  return `<${dice.between(0, 191)}>${day} ${timeOfDay(date)} ${dice.one(HOSTS)} ${program}: ${dice.one(MESSAGES)}`;
}

function syslog(dice: Dice, nowMs: number): string {
  const head = `<${dice.between(0, 191)}>1 ${new Date(nowMs).toISOString()} ${dice.one(HOSTS)}`;
  const program = `${dice.one(PROGRAMS)} ${dice.between(100, 9999)} ID${dice.between(1, 999)}`;
  return `${head} ${program} - ${dice.one(MESSAGES)}`;
}

function jsonAccess(dice: Dice, nowMs: number): string {
  return JSON.stringify({
    host: address(dice),
    'user-identifier': dice.one(USERS),
    datetime: accessTime(nowMs),
    method: dice.one(METHODS),
    request: dice.one(PATHS),
    protocol: dice.one(VERSIONS),
    status: String(dice.one(STATUSES)),
    bytes: dice.between(40, 50_000),
    referer: `https://${dice.one(HOSTS)}${dice.one(PATHS)}`,
  });
}
