import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegex } from '../regex.ts';
import { Prefilter } from './prefilter.ts';
import { BROWSERS, DEVICES, SYSTEMS } from './regexes.ts';
import { browserOf, deviceOf, systemOf } from './uap.ts';
import { parseWoothee } from './woothee.ts';

const PHONE =
  'Mozilla/5.0 (Linux; Android 10; SM-G973F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36';

const AGENTS = [
  PHONE,
  'Mozilla/5.0 (iPhone; CPU iPhone OS 15_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0',
  'Opera/9.80 (J2ME/MIDP; Opera Mini/4.3.24214; iPhone; U; en) Presto/2.5.25 Version/10.54',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'curl/8.1.2',
  '',
];

test('Woothee: name, system and category', () => {
  const told = AGENTS.map((agent) => {
    const result = parseWoothee(agent);
    return result && [result.name, result.version, result.os, result.osVersion, result.category];
  });
  assert.deepEqual(told, [
    ['Chrome', '96.0.4664.45', 'Android', '10', 'smartphone'],
    ['Safari', '15.1', 'iPhone', '15.1', 'smartphone'],
    ['Firefox', '115.0', 'Windows 10', 'NT 10.0', 'pc'],
    ['Opera', '10.54', 'iPhone', 'UNKNOWN', 'smartphone'],
    ['bingbot', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'crawler'],
    ['HTTP Library', 'curl', 'UNKNOWN', 'UNKNOWN', 'misc'],
    ['UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  ]);
  assert.equal(parseWoothee('nothing known'), undefined);
});

test('uap: browser, system and device', () => {
  assert.deepEqual(browserOf(PHONE), { family: 'Chrome Mobile', major: '96', minor: '0', patch: '4664' });
  assert.deepEqual(systemOf(PHONE), { family: 'Android', major: '10', minor: null, patch: null, patchMinor: null });
  assert.deepEqual(deviceOf(PHONE), { family: 'Samsung SM-G973F', brand: 'Samsung', model: 'SM-G973F' });
  assert.equal(browserOf('zzz'), undefined);
});

test('the prefilter leaves out only what does not match', () => {
  for (const table of [BROWSERS, SYSTEMS, DEVICES]) {
    const sources = table.split('\n').map((line) => line.split('\t')[0]!);
    const prefilter = new Prefilter(sources);
    const regexes = sources.map((source) => compileRegex(source));
    for (const agent of AGENTS) {
      const candidates = new Set(prefilter.candidates(agent));
      for (const [index, regex] of regexes.entries()) {
        assert.ok(typeof regex !== 'string', sources[index]);
        if (!candidates.has(index)) assert.equal(regex.test(agent), false, sources[index]);
      }
    }
  }
});
