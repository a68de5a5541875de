// The forms that notes under a diagnostic have.

export function hint(text: string): string {
  return `hint: ${text}`;
}

export function example(code: string): string {
  return `example: ${code}`;
}

/** A way out, and the code for it. */
export function solution(title: string, code: readonly string[]): string {
  return [`try: ${title}`, '', ...code.map((line) => `    ${line}`), ''].join('\n');
}
