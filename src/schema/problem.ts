// What is wrong with a configuration, apart from where it is written.

export type ConfigPath = readonly (string | number)[];

export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Where in the document: keys and indices from the root. */
  readonly path: ConfigPath;
  /** What is wrong, as one clause without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Whether the place is the key (an unknown option) and not its value. */
  readonly atKey?: boolean;
  /** The part of the value that is meant, in UTF-16 units, where the value is a text such as a program. */
  readonly span?: { readonly start: number; readonly end: number };
  /** Shows the problem in more words than one line and a caret; it is given the file that it is in. */
  readonly picture?: (view: View) => string;
  /** A warning that is no flaw: what works as it is and could be written better. `--deny-warnings` lets it pass. */
  readonly isAdvice?: boolean;
}

/** Where the text of a value stands. */
export interface View {
  /** The file that holds the value; undefined where the value is not written there as it is. */
  readonly text: string | undefined;
  /** The place in the file of an offset in the value. */
  readonly at: (offset: number) => number;
  /** The file's name. */
  readonly name: string;
  readonly colour: boolean;
}

/** A path as users write it: `sinks.out.encoding.codec`, `inputs[0]`. */
export function formatConfigPath(path: ConfigPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${/^[\w-]+$/.test(part) ? part : JSON.stringify(part)}`;
  }
  return text;
}
