// Text that an environment variable or a secret put into a leaf of the configuration.

/**
 * A string leaf after substitution. An option coerces it by its own type, so that `port: ${PORT}` may be a number;
 * it never becomes an object or an array.
 */
export class Substituted {
  readonly text: string;
  /** Whether a secret went into it: then the text appears in no message. */
  readonly secret: boolean;

  constructor(text: string, secret: boolean) {
    this.text = text;
    this.secret = secret;
  }

  /** What printing shows. */
  toJSON(): string {
    return this.secret ? '**REDACTED**' : this.text;
  }

  toString(): string {
    return this.toJSON();
  }
}

/** Whether a raw value is an object of the document: no list, and no leaf that something was put into. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Substituted);
}

/** A value with substituted leaves turned into plain text. */
export function plain(value: unknown): unknown {
  if (value instanceof Substituted) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  return value;
}
