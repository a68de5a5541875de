// Entries of the access log of AWS's application load balancers: fields that single spaces separate, some in quotes.

import { float, type ObjectValue, type Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { debugText } from './debug_text.ts';
import { parseInteger } from './log_fields.ts';

/** Thrown while an entry is read: it names the field and what of the entry was left. */
class EntryProblem extends Error {}

/** Reads an entry. With `strict`, nothing may follow the fields that are known. */
export function parseAlbLog(entry: string, strict: boolean): ObjectValue | Failure {
  try {
    return new EntryReader(entry).read(strict);
  } catch (error) {
    if (error instanceof EntryProblem) return fail(error.message);
    throw error;
  }
}

const TYPE = /[a-z0-9]+/y;
const WORD = /[^ ]+/y;
const TIME = /[0-9.:TZ-]+/y;
const ADDRESS = /[0-9a-f.:-]+/y;
const NUMBER = /[0-9.-]+/y;
const DIGITS = /[0-9-]+/y;
const CODE = /[0-9]+/y;
/** Only these are numbers of those that `NUMBER` takes. */
const FLOAT = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/;

class EntryReader {
  readonly #entry: string;
  readonly #fields: ObjectValue = {};
  #at = 0;

  constructor(entry: string) {
    this.#entry = entry;
  }

  read(strict: boolean): ObjectValue | Failure {
    this.#put('type', this.#match('type', TYPE));
    this.#word('timestamp', TIME);
    this.#word('elb', WORD);
    this.#word('client_host', ADDRESS);
    this.#word('target_host', ADDRESS);
    for (const name of ['request_processing_time', 'target_processing_time', 'response_processing_time'])
      this.#parsed(name, NUMBER, (text) => (FLOAT.test(text) ? float(Number(text)) : undefined));
    this.#word('elb_status_code', DIGITS);
    this.#word('target_status_code', DIGITS);
    this.#parsed('received_bytes', DIGITS, parseInteger);
    this.#parsed('sent_bytes', DIGITS, parseInteger);
    this.#request();
    this.#put('user_agent', this.#quoted('user_agent'));
    for (const name of ['ssl_cipher', 'ssl_protocol', 'target_group_arn']) this.#word(name, WORD);
    for (const name of ['trace_id', 'domain_name', 'chosen_cert_arn']) this.#put(name, this.#quoted(name));
    this.#word('matched_rule_priority', DIGITS);
    this.#word('request_creation_time', TIME);
    for (const name of ['actions_executed', 'redirect_url', 'error_reason']) this.#put(name, this.#quoted(name));
    this.#list('target_port_list', ADDRESS);
    this.#list('target_status_code_list', CODE);
    for (const name of ['classification', 'classification_reason']) this.#put(name, this.#quoted(name));
    if (this.#entry.startsWith(' TID_', this.#at)) this.#word('traceability_id', WORD);
    else this.#fields['traceability_id'] = null;
    const rest = this.#entry.slice(this.#at);
    return rest === '' || !strict ? this.#fields : fail(`Log should be fully consumed: "${rest}"`);
  }

  /** A hyphen stands for what is missing. */
  #put(name: string, value: Value): void {
    this.#fields[name] = value === '-' ? null : value;
  }

  #word(name: string, pattern: RegExp): void {
    this.#space(name);
    this.#put(name, this.#match(name, pattern));
  }

  #parsed(name: string, pattern: RegExp, parse: (text: string) => Value | undefined): void {
    const start = this.#at;
    this.#space(name);
    const value = parse(this.#match(name, pattern));
    if (value === undefined) throw this.#problem(name, start, 'MapRes');
    this.#fields[name] = value;
  }

  #space(name: string): void {
    if (this.#entry[this.#at] !== ' ') throw this.#problem(name, this.#at, 'Char');
    this.#at++;
  }

  #match(name: string, pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#entry)?.[0];
    if (text === undefined) throw this.#problem(name, this.#at, 'TakeWhile1');
    this.#at += text.length;
    return text;
  }

  /** Text in quotes, without the backslashes that escape. */
  #quoted(name: string): string {
    if (!this.#entry.startsWith(' "', this.#at)) throw this.#problem(name, this.#at, 'Tag');
    let text = '';
    for (let at = this.#at + 2; at < this.#entry.length; at++) {
      const char = this.#entry[at]!;
      if (char === '"') {
        this.#at = at + 1;
        return text;
      }
      text += char === '\\' ? (this.#entry[++at] ?? '') : char;
    }
    throw new EntryProblem(`failed to get field \`${name}\`: Parsing requires more data`);
  }

  /** `"METHOD url PROTOCOL"`; the URL may hold spaces. */
  #request(): void {
    const request = this.#quoted('request');
    const first = request.indexOf(' ');
    const last = request.lastIndexOf(' ');
    if (first === last) throw new EntryProblem('failed to get field `request_url`');
    this.#put('request_method', request.slice(0, first));
    this.#fields['request_url'] = request.slice(first + 1, last);
    this.#put('request_protocol', request.slice(last + 1));
  }

  /** One item, in quotes or not, or `"-"` for none. */
  #list(name: string, pattern: RegExp): void {
    if (this.#entry.startsWith(' "-"', this.#at)) {
      this.#at += 4;
      this.#fields[name] = [];
      return;
    }
    const isQuoted = this.#entry.startsWith(' "', this.#at);
    const start = this.#at + (isQuoted ? 2 : 1);
    pattern.lastIndex = start;
    const item = pattern.exec(this.#entry)?.[0];
    const end = start + (item?.length ?? 0);
    if (item === undefined || this.#entry[this.#at] !== ' ' || (isQuoted && this.#entry[end] !== '"'))
      throw new EntryProblem(`failed to get field \`${name}\`: Parsing Error: ()`);
    this.#at = isQuoted ? end + 1 : end;
    this.#fields[name] = [item];
  }

  #problem(name: string, at: number, what: string): EntryProblem {
    const rest = debugText(this.#entry.slice(at));
    return new EntryProblem(`failed to get field \`${name}\`: Parsing Error: (${rest}, ${what})`);
  }
}
