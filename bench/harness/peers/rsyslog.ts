// rsyslog, as Debian packages it. Its regular expressions are POSIX ones, compiled per property; what its users take for
// access logs is mmnormalize, so that is what the regex job uses. One worker, or lines are not in order.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure, findProgram } from '../../../scripts/debian.ts';
import type { Job, Setting } from '../job_list.ts';
import { start } from '../process.ts';
import type { Program } from '../programs.ts';

/** Why it cannot be used, having tried to install it; or false. */
export const ensureRsyslog = (): Promise<string | false> => ensure({ rsyslogd: 'rsyslog' });

export const rsyslog: Program = {
  name: 'rsyslog',
  has: ({ id, input, output }) =>
    (input !== 'http' && output !== 'http' && (id in STEPS || output === 'none' || id === 'W2' || id === 'W5')) ||
    'no such input or output',
  start(job, setting) {
    const path = join(setting.dataDir, 'rsyslog.conf');
    writeFileSync(join(setting.dataDir, 'access.rules'), ACCESS_RULES);
    writeFileSync(path, configuration(job, setting));
    return start(findProgram('rsyslogd')!, ['-n', '-f', path, '-i', join(setting.dataDir, 'pid')]);
  },
  form: () => 'numeric_booleans',
  async linesTaken({ dataDir }) {
    // The counters are written every second.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const counts = readFileSync(join(dataDir, 'stats'), 'utf8').matchAll(/"name": "out".*?"processed": (\d+)/g);
    return Number([...counts].at(-1)?.[1] ?? Number.NaN);
  },
};

const ACCESS_RULES = `version=2
rule=:%host:word% %-:word% %user:word% [%time:char-to:]%] "%method:word% %path:word% %-:char-to:"%" %code:number% %size:number% "%referer:char-to:"%" "%agent:char-to:"%"
`;

/** What happens to a message before it is written. Booleans cannot be made, so \`ok\` is 1 or 0. */
const STEPS: Readonly<Record<string, (setting: Setting) => string>> = {
  W3: ({ dataDir }) => `action(type="mmnormalize" useRawMsg="on" rulebase="${dataDir}/access.rules")`,
  W6: () => `action(type="mmjsonparse" cookie="" useRawMsg="on")
if $!request!status == 404 then stop
set $!level = exec_template("upper");
if $!request!status < 400 then set $!ok = 1; else set $!ok = 0;
unset $!user_id;`,
  W11: () => `action(type="mmjsonparse" cookie="" useRawMsg="on")
if $!tenant != "t-42" then stop`,
};

function configuration({ id, input, output }: Job, setting: Setting): string {
  const { dataDir, inDir, inPort, outPort, outFile } = setting;
  const source =
    input === 'tcp'
      ? `module(load="imtcp")
input(type="imtcp" port="${inPort}" address="127.0.0.1" supportOctetCountedFraming="off")`
      : `module(load="imfile")
input(type="imfile" file="${inDir}/input.log" tag="bench:" addMetadata="off" persistStateInterval="100000")`;
  const template = id in STEPS ? 'json' : 'raw';
  const action =
    output === 'tcp'
      ? `type="omfwd" target="127.0.0.1" port="${outPort}" protocol="tcp" queue.type="linkedlist" queue.size="50000"`
      : `type="omfile" file="${output === 'file' ? outFile : '/dev/null'}"`;
  return `global(workDirectory="${dataDir}" maxMessageSize="64k")
main_queue(queue.workerThreads="1")
module(load="impstats" interval="1" format="json" log.syslog="off" log.file="${dataDir}/stats")
module(load="mmjsonparse")
module(load="mmnormalize")
template(name="raw" type="string" string="%rawmsg%\\n")
template(name="json" type="string" string="%$!all-json%\\n")
template(name="upper" type="list") { property(name="$!level" caseconversion="upper") }
${source}
${STEPS[id]?.(setting) ?? ''}
action(name="out" template="${template}" ${action})
`;
}
