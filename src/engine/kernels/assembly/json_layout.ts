// Where the JSON kernel keeps what: its part of the scratch memory, the tape, and plans of tracked paths. The TypeScript side
// (json_kernel.ts) has the same numbers.
//
//   scratch:  table │ edits │ doubtful numbers │ stack │ orders │ order of members │ sorting │ tape │ plans
//
// The tape has one entry of 32 bytes for each value of a text, in the order of the text; entries of a container's members
// follow it.
//
//   0 first eight bytes of the name, as a big-endian number, zeros behind a shorter one
//   8 name from, 12 to      16 value from, 20 to (with quotes, braces)      24 entry behind this one and all below it
//  28 kind                  29 node of the plan + 1, or 0                   30 members (u16)
//
// A plan is a tree of nodes. A node that has members in the plan is
//
//   0 for each of 64 hashes of names: number of a record + 1, or 0          64 records (i32)       72 records
//
// with a record of 40 bytes for each member, sorted by name:
//
//   0 first eight bytes   8 name from, 12 to   16 number of the node   20 its own members, or 0
//  24 next record with this hash + 1, or 0     28 name as JSON with its colon: from, 32 to
//
// A plan begins with its number of nodes (i32, eight bytes taken); its root follows.

export const NODES_MAX: i32 = 64;
export const DEPTH_MAX: i32 = 64;
export const ENTRIES_MAX: i32 = 4096;
export const DOUBTS_MAX: i32 = 16;

export const TABLE: usize = 0;
export const EDITS: usize = 768;
export const DOUBTS: usize = 1536;
export const STACK: usize = 1792;
export const ORDERS: usize = 2880;
export const MEMBERS: usize = 20288;
export const SORTING: usize = 53056;
export const TAPE: usize = 69440;
export const TAPE_END: usize = 200512;

export const ENTRY: usize = 32;
export const RECORD: usize = 40;
export const RECORDS: usize = 72;
export const PLAN_ROOT: usize = 8;

export const LITERAL_NULL: i32 = 1;
export const LITERAL_TRUE: i32 = 2;
export const LITERAL_FALSE: i32 = 3;
export const INTEGER: i32 = 4;
export const NUMBER: i32 = 5;
export const ASCII: i32 = 6;
export const UNICODE: i32 = 7;
export const ESCAPED: i32 = 8;
export const OBJECT: i32 = 9;
export const ARRAY: i32 = 10;
/** On the tape only: a string with escapes that are not as they are written. In the table it is ESCAPED. */
export const REWRITTEN: i32 = 11;

export const INVALID: i32 = 1;
export const COMPLEX: i32 = 2;

/** Where the scratch memory of this thread begins. */
export let scratch: usize = 0;

/** Takes scratch memory, whatever was there before: kept orders must not be those of a thread that died. */
export function jsonInit(offset: usize): void {
  scratch = offset;
  memory.fill(offset + ORDERS, 0, MEMBERS - ORDERS);
}

/** The first eight bytes of a block as a big-endian number, those behind `length` zero. */
@inline
export function nameWord(block: v128, length: usize): u64 {
  const word = i64x2.extract_lane(i8x16.shuffle(block, block, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
  const unused = <u64>(64 - 8 * min<usize>(length, 8));
  // A shift by 64 is one by 0.
  return select<u64>(0, (word >>> unused) << unused, length == 0);
}

/** How the rest of two names compares whose first eight bytes are the same. Takes entries and records. */
export function compareTails(a: usize, b: usize): i32 {
  const fromA = <usize>load<u32>(a, 8);
  const fromB = <usize>load<u32>(b, 8);
  const lengthA = <usize>load<u32>(a, 12) - fromA;
  const lengthB = <usize>load<u32>(b, 12) - fromB;
  const least = min<usize>(lengthA, lengthB);
  for (let i: usize = 8; i < least; i += 8) {
    const different = load<u64>(fromA + i) ^ load<u64>(fromB + i);
    if (different == 0) continue;
    const at = i + (<usize>ctz(different) >>> 3);
    if (at >= least) break;
    return <i32>load<u8>(fromA + at) - <i32>load<u8>(fromB + at);
  }
  return <i32>lengthA - <i32>lengthB;
}
