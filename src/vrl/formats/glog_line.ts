// Lines of Google's logging library, and of its relative klog, which leaves the year out:
//
//   I20210131 14:48:54.411655 15520 main.c++:9] Hello world!        (glog)
//   I0131 14:48:54.411655   15520 main.go:9] Hello world!           (klog)

import { compileStrptime, STRPTIME_FAULTS } from '../../event/strptime.ts';
import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { LogPattern, parseInteger } from './log_fields.ts';

export const GLOG_KIND = Kind.objectOf({
  level: Kind.of('bytes'),
  timestamp: Kind.of('timestamp'),
  id: Kind.of('integer'),
  file: Kind.of('bytes'),
  line: Kind.of('integer'),
  message: Kind.of('bytes'),
});

const TIME = String.raw`\d\d\s\d\d:\d\d:\d\d\.\d{6}`;
const REST = String.raw`\s+(?P<id>\d+)\s(?P<file>.+):(?P<line>\d+)\]\s(?P<message>.*?)\s*$`;
const GLOG = new LogPattern(String.raw`^\s*(?P<level>\w)(?P<timestamp>\d{4}\d\d${TIME})${REST}`);
const KLOG = new LogPattern(String.raw`^\s*(?P<level>\w)(?P<timestamp>(?P<month>\d\d)${TIME})${REST}`);

const LEVELS: Readonly<Record<string, string>> = { I: 'info', W: 'warning', E: 'error', F: 'fatal' };
const READER = compileStrptime('%Y%m%d %H:%M:%S%.f');

export function parseGlogLine(line: string): ObjectValue | Failure {
  const groups = GLOG.groupsOf(line);
  return groups ? fieldsOf(groups, '') : fail('failed parsing glog message');
}

/** @param now the date that the year is guessed by: this one, or for a December in January the last */
export function parseKlogLine(line: string, now: Date): ObjectValue | Failure {
  const groups = KLOG.groupsOf(line);
  if (!groups) return fail('failed parsing klog message');
  const isLastYear = groups['month'] === '12' && now.getUTCMonth() === 0;
  return fieldsOf(groups, String(now.getUTCFullYear() - (isLastYear ? 1 : 0)));
}

function fieldsOf(groups: Readonly<Record<string, string | undefined>>, year: string): ObjectValue | Failure {
  const level = Object.hasOwn(LEVELS, groups['level']!) ? LEVELS[groups['level']!] : undefined;
  if (level === undefined) return fail(`unrecognized log level "${groups['level']}"`);
  const timestamp = READER.readNaive(year + groups['timestamp']);
  if (typeof timestamp === 'number')
    return fail(`failed parsing timestamp ${groups['timestamp']}: ${STRPTIME_FAULTS[timestamp]}`);
  const id = parseInteger(groups['id']!);
  if (id === undefined) return fail('failed parsing id');
  const line = parseInteger(groups['line']!);
  if (line === undefined) return fail('failed parsing line');
  return { file: groups['file']!, id, level, line, message: groups['message']!, timestamp };
}
