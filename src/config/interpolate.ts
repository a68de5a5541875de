// Environment variables in text. Pure: the text of one leaf in, its text with values out. Values are not looked at
// again, so a value cannot bring in another variable.

/**
 * `default`: the forms with braces, where a name that is not set and has no default stays as it is. `dangerous`: all
 * of Vector's forms and errors. `off`: nothing.
 */
export type Interpolation = 'default' | 'dangerous' | 'off';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  readonly text: string;
  /** What is wrong, as clauses. The text of such places is as it was. */
  readonly problems: readonly string[];
  /** Names that are not set and were left as they are, which is no error in the default mode. */
  readonly unset: readonly string[];
}

/** `$$`, `$NAME`, `${NAME}` and `${NAME` `:-`, `-`, `:?` or `?` `text}`. */
const FORMS = /\$\$|\$([A-Za-z0-9_.]+)|\$\{([A-Za-z0-9_.]+)(?:(:?-|:?\?)([^}]*))?\}/g;

/** Puts the values of environment variables into a text. */
export function interpolate(text: string, env: Environment, mode: Interpolation): Interpolated {
  const problems: string[] = [];
  const unset: string[] = [];
  if (mode === 'off' || !text.includes('$')) return { text, problems, unset };
  const result = text.replace(
    FORMS,
    (whole: string, bare?: string, braced?: string, operator?: string, operand = '') => {
      if (mode === 'default' && braced === undefined) return whole;
      if (bare === undefined && braced === undefined) return '$';
      const name = (bare ?? braced)!;
      const value = variableOf(name, env, operator, operand);
      if (typeof value === 'string') {
        if (mode === 'default' || !/[\r\n]/.test(value)) return value;
        problems.push(`the value of the environment variable \`${name}\` has more than one line`);
      } else if (value.message !== undefined) problems.push(value.message);
      else if (mode === 'default') unset.push(name);
      else problems.push(`the environment variable \`${name}\` is not set`);
      return whole;
    },
  );
  return { text: result, problems, unset };
}

/** The text for a name with its operator; without a message when it is only missing. */
function variableOf(
  name: string,
  env: Environment,
  operator: string | undefined,
  operand: string,
): string | { readonly message?: string } {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  const isMissing = value === undefined || (value === '' && operator?.startsWith(':') === true);
  if (!isMissing) return value;
  if (operator?.endsWith('-')) return operand;
  if (operator === undefined) return {};
  const state = value === '' ? 'is empty' : 'is not set';
  return { message: `the environment variable \`${name}\` ${state}${operand === '' ? '' : `: ${operand}`}` };
}

/** The one variable that a whole text names without braces, as people wrote them before. */
export function bareVariable(text: string): string | undefined {
  return /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
}
