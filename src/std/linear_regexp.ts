// V8's linear regular expressions. V8 backtracks, and goes on with its linear engine when it has done so too often (22 s
// become 2 ms for `^(a+)+$`), but only for patterns that engine knows: without the flags `i` and `u`, look-ahead and
// counts above 16. Loading this module turns that on for the process. Where there is no V8 to ask, no pattern is linear.

import { builtin } from './builtin.ts';

const v8 = builtin<typeof import('node:v8')>('node:v8');
v8?.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
// Makes the flag `l` known, by which one can ask whether a pattern is one for the linear engine.
v8?.setFlagsFromString('--enable-experimental-regexp-engine');

const CAN_ASK = isLinear('a');

/** Whether a pattern without flags can be executed in linear time, so that nothing can stall it. */
export function isLinearPattern(text: string): boolean {
  return CAN_ASK && isLinear(text);
}

function isLinear(text: string): boolean {
  try {
    new RegExp(text, 'l');
    return true;
  } catch {
    return false;
  }
}
