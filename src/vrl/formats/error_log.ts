// Lines of Apache's error log, in either of two shapes:
//
//   [time] [module:severity] [pid 1:tid 2] [client address:port] message
//   [time] [module:severity] [pid 1:tid 2] file(line): error: [client address:port] message, referer …

import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { LogPattern, type LogTime, logFields } from './log_fields.ts';

const SIMPLE = new LogPattern(
  String.raw`^\s*(-|\[(-|(?P<timestamp>[^\[]*))\])\s+(-|\[(-|(?P<module>[^:]*):(?P<severity>[^\[]*))\])\s+` +
    String.raw`(-|\[\s*pid\s*(-|(?P<pid>[^:]*)(:\s*tid\s*(?P<thread>[^\[]*))?)\])\s` +
    String.raw`(-|\[\s*client\s*(-|(?P<client>.*:?):(?P<port>[^\[]*))\])\s(-|(?P<message>.*))\s*$`,
);
const THREADED = new LogPattern(
  String.raw`^\s*\[(?P<timestamp>[^\]]+)\]\s+\[(-|(?P<module>[^:]+)):(?P<severity>[^\]]+)\]\s+` +
    String.raw`\[pid\s+(?P<pid>\d+)(:tid\s+(?P<thread>\d+))?\]\s+(?P<message1>[^\[]*?:\s+([^\[]*?:\s+)?)?` +
    String.raw`(\[client\s+(?P<client>.+?):(?P<port>\d+)\]\s+)?(?P<message2>.*)(, referer .*)?\s*$`,
);

const TEXT = Kind.of('bytes', 'null');

/** What the checker knows: not all of it is so (the port is an integer), but programs are compiled by it. */
export const ERROR_LOG_KINDS: Readonly<Record<string, Kind>> = {
  timestamp: Kind.of('timestamp', 'null'),
  module: TEXT,
  severity: TEXT,
  thread: TEXT,
  port: TEXT,
  message: TEXT,
};

export function parseErrorLog(line: string, time: LogTime): ObjectValue | Failure {
  const groups = SIMPLE.groupsOf(line) ?? THREADED.groupsOf(line);
  return groups ? logFields(groups, time) : fail('failed parsing error log line');
}
