// Results of unit tests as JUnit XML, which build servers read.

import type { TestResult } from './test.ts';

export function junitReport(results: readonly TestResult[]): string {
  const failures = results.filter(({ errors }) => errors.length > 0).length;
  const time = results.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const counts = `tests="${results.length}" failures="${failures}" errors="0" time="${time}"`;
  const suite = `tests="${results.length}" disabled="0" errors="0" failures="${failures}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="Vector Unit Tests" ${counts}>`,
    `  <testsuite name="Test Suite" ${suite}>`,
    ...results.flatMap(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ name, errors, seconds }: TestResult): string[] {
  const opening = `    <testcase name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  if (errors.length === 0) return [`${opening}/>`];
  return [`${opening}>`, `      <failure>${escaped(errors.join('\n'))}</failure>`, '    </testcase>'];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of an attribute or element; characters that XML does not have are replaced. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (char) => ENTITIES[char]!)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}
