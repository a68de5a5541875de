// Standard output and error that a test can read. For tests only.

export interface Captured {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Everything written to standard output so far. */
  out(): string;
  /** Everything written to standard error so far. */
  err(): string;
}

export function captured(): Captured {
  let [out, err] = ['', ''];
  return {
    stdout: { write: (text: string) => (out += text) } as unknown as NodeJS.WriteStream,
    stderr: { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream,
    out: () => out,
    err: () => err,
  };
}
