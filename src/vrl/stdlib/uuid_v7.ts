import type { Timestamp } from '../../event/timestamp.ts';
import { INTEGER_MAX, INTEGER_MIN } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { uuidOf } from '../formats/uuid.ts';
import { defineFunction, optional, type RunContext } from '../function.ts';

export const uuidV7 = defineFunction({
  name: 'uuid_v7',
  category: 'Random',
  doc: 'Returns a new UUID (version 7) that begins with a time and goes on with random bits, so that UUIDs sort by time.',
  parameters: [optional('timestamp', 'timestamp', 'The time; that of the call when not given.')],
  pure: false,
  returns: { kinds: ['bytes'], fallible: false },
  type: () => typeDef(Kind.of('bytes')),
  examples: [
    { title: 'Of now', source: 'uuid_v7()', result: '06338364-8305-7b74-8000-de4963503139', varies: true },
    {
      title: 'Of a time',
      source: "slice!(uuid_v7(t'2020-12-30T22:20:53.824727Z'), 0, 13)",
      result: '0176b5bd-5d19',
    },
  ],
  context: true,
  run({ environment }: RunContext, timestamp: Timestamp | undefined) {
    const time = timestamp ?? environment.now();
    const nanos = time.toNanos();
    if (nanos < INTEGER_MIN || nanos > INTEGER_MAX) return fail("can't convert out of range timestamp");
    const bytes = environment.randomBytes(16);
    let ms = milliseconds(BigInt(time.seconds), nanos);
    for (let i = 5; i >= 0; i--) {
      bytes[i] = Number(ms & 0xffn);
      ms >>= 8n;
    }
    return uuidOf(bytes, 7);
  },
});

const U64_MAX = 2n ** 64n - 1n;

/**
 * Milliseconds as the original counts them: to the seconds are added the lower 32 bits of all nanoseconds, which may be
 * four seconds; times before 1970 are at the very end. UUIDs of both products sort together.
 */
function milliseconds(seconds: bigint, nanos: bigint): bigint {
  const total = BigInt.asUintN(64, seconds) * 1_000_000_000n + BigInt.asUintN(32, nanos);
  const ms = total / 1_000_000n;
  return ms > U64_MAX ? U64_MAX : ms;
}
