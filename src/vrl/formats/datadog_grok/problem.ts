// Why rules are refused; the messages are shown by the compiler.

export class RuleProblem extends Error {}

export function invalidArguments(name: string): RuleProblem {
  return new RuleProblem(`invalid arguments for the function '${name}'`);
}
