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
