// Which lines of programs the unit tests ran.

import type { ProgramCoverage } from '../component/context.ts';

export class Coverage {
  /** By transform: its program, and the counts of each time it was built. */
  readonly #programs = new Map<string, ProgramCoverage[]>();

  add(id: string, program: ProgramCoverage): void {
    this.#programs.set(id, [...(this.#programs.get(id) ?? []), program]);
  }

  /** For each transform how many of its lines ran, and those that did not. */
  report(): string {
    if (this.#programs.size === 0) return '\ncoverage: no program was run\n';
    const lines = ['', 'coverage:'];
    for (const [id, programs] of [...this.#programs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const counts = total(programs);
      const missed = [...counts].filter(([, count]) => count === 0).map(([line]) => line);
      const share = counts.size === 0 ? 100 : Math.floor((100 * (counts.size - missed.length)) / counts.size);
      lines.push(`  ${id}: ${counts.size - missed.length} of ${counts.size} lines (${share} %)`);
      const source = programs[0]!.source.split('\n');
      for (const line of missed) lines.push(`    ${String(line).padStart(4)} │ ${source[line - 1] ?? ''}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

function total(programs: readonly ProgramCoverage[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const program of programs)
    for (const [line, count] of program.lines()) counts.set(line, (counts.get(line) ?? 0) + count);
  return new Map([...counts].sort(([a], [b]) => a - b));
}
