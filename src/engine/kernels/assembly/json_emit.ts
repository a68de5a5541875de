// Writes the text on the tape as the ordinary writer does (members in the order of their names, no whitespace) with the edits
// of tracked members, by copying ranges. Ranges that follow each other in the text are copied as one.

import { isIndexed, textEnd, textPlan, textStart } from './json_index';
import { ARRAY, compareTails, EDITS, ENTRY, OBJECT, PLAN_ROOT, RECORD, RECORDS, REWRITTEN, scratch, TABLE, TAPE } from './json_layout';
import { beginOrders, orderedMembers } from './json_order';
import { rewriteString } from './json_rewrite';
import { copy } from './memory';

const KEEP: i32 = 0;
const REMOVE: i32 = 1;
const SET: i32 = 2;

/** Bytes behind the output that may be overwritten. */
const SLACK: usize = 64;

/** Bytes around a member that is added: quotes, colon, comma. */
const AROUND: usize = 4;

/** End of what is written; and the range of the text that is to be written next. */
let out: usize = 0;
let rangeFrom: usize = 0;
let rangeTo: usize = 0;

/** Whether a member has an edit. */
let isEdited: bool = false;

/** Writes the object at `to`: its length, -1 when there might not be room for it, -2 when it has a member twice. */
export function jsonEmit(to: usize, capacity: usize): i32 {
  if (!isIndexed) return -2;
  if (textEnd - textStart + editsLength() + SLACK > capacity) return -1;
  out = to;
  rangeFrom = 0;
  rangeTo = 0;
  beginOrders();
  if (!object(scratch + TAPE, textPlan + PLAN_ROOT)) return -2;
  flush();
  return <i32>(out - to);
}

/** Bytes that edits add at most. Sets `isEdited`. */
function editsLength(): usize {
  const edits = scratch + EDITS;
  const count = <usize>load<i32>(textPlan);
  let length: usize = 0;
  let actions: i32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const edit = edits + i * 12;
    const action = load<i32>(edit);
    actions |= action;
    if (action == SET) length += <usize>load<u32>(edit, 8);
  }
  isEdited = actions != 0;
  return isEdited ? length + namesLength(textPlan + PLAN_ROOT) : 0;
}

/** Bytes of the names of members that are added. */
function namesLength(node: usize): usize {
  let length: usize = 0;
  const count = <usize>load<i32>(node, 64);
  for (let i: usize = 0; i < count; i++) {
    const record = node + RECORDS + i * RECORD;
    if (isAdded(record)) length += <usize>(load<u32>(record, 32) - load<u32>(record, 28)) + AROUND;
    else if (load<u32>(record, 20) != 0) length += namesLength(load<u32>(record, 20));
  }
  return length;
}

@inline
function isAdded(record: usize): bool {
  const place = <usize>load<u32>(record, 16) * 12;
  return load<i32>(scratch + EDITS + place) == SET && load<i32>(scratch + TABLE + place) == 0;
}

@inline
function flush(): void {
  copy(out, rangeFrom, rangeTo - rangeFrom);
  out += rangeTo - rangeFrom;
}

/** Writes [from, to) of the text. */
@inline
function take(from: usize, to: usize): void {
  if (from != rangeTo) {
    flush();
    rangeFrom = from;
  }
  rangeTo = to;
}

/** Writes a byte that is not from the text. */
@inline
function put(byte: u8): void {
  flush();
  store<u8>(out++, byte);
  rangeFrom = 0;
  rangeTo = 0;
}

/** Writes bytes that are not from the text. */
function putBytes(from: usize, length: usize): void {
  flush();
  copy(out, from, length);
  out += length;
  rangeFrom = 0;
  rangeTo = 0;
}

/** Writes the string [from, to) with its escapes as they are to be. */
function putString(from: usize, to: usize): void {
  flush();
  out = rewriteString(from, to, out);
  rangeFrom = 0;
  rangeTo = 0;
}

/** Writes [from, to) of the text, behind a comma when it is not the first. */
@inline
function takeItem(from: usize, to: usize, isFirst: bool): void {
  // What ended one byte before is the item before, and the byte is the comma.
  if (!isFirst) {
    if (from == rangeTo + 1) {
      rangeTo = to;
      return;
    }
    put(0x2c);
  }
  take(from, to);
}

@inline
function takeClose(container: usize): void {
  const close = <usize>load<u32>(container, 20) - 1;
  if (rangeTo == close) rangeTo = close + 1;
  else put(load<u8>(close));
}

/** Writes a value; false when it has a member twice. */
function value(entry: usize, node: usize): bool {
  const kind = <i32>load<u8>(entry, 28);
  if (kind == OBJECT) return object(entry, node);
  if (kind == ARRAY) return array(entry);
  if (kind == REWRITTEN) {
    putString(load<u32>(entry, 16), load<u32>(entry, 20));
    return true;
  }
  take(load<u32>(entry, 16), load<u32>(entry, 20));
  return true;
}

function array(container: usize): bool {
  const open = <usize>load<u32>(container, 16);
  take(open, open + 1);
  const count = <u32>load<u16>(container, 30);
  let entry = container + ENTRY;
  for (let i: u32 = 0; i < count; i++) {
    const from = <usize>load<u32>(entry, 16);
    takeItem(from, from, i == 0);
    if (!value(entry, 0)) return false;
    entry = load<u32>(entry, 24);
  }
  takeClose(container);
  return true;
}

function object(container: usize, node: usize): bool {
  const open = <usize>load<u32>(container, 16);
  take(open, open + 1);
  const count = <u32>load<u16>(container, 30);
  const ordered: usize = count == 0 ? 0 : orderedMembers(container, count);
  if (count != 0 && ordered == 0) return false;
  if (isEdited && node != 0) return editedMembers(container, node, ordered, count);
  for (let i: u32 = 0; i < count; i++) {
    if (!member(<usize>load<u32>(ordered + (<usize>i << 2)), 0, i == 0)) return false;
  }
  takeClose(container);
  return true;
}

/** Writes a member as it is, apart from the edits below it. */
@inline
function member(entry: usize, node: usize, isFirst: bool): bool {
  takeName(entry, isFirst);
  return value(entry, node);
}

/** Writes the name of a member and the colon. */
@inline
function takeName(entry: usize, isFirst: bool): void {
  const from = <usize>load<u32>(entry, 8) - 1;
  const end = <usize>load<u32>(entry, 12) + 1;
  if (<usize>load<u32>(entry, 16) == end + 1) takeItem(from, end + 1, isFirst);
  else {
    takeItem(from, end, isFirst);
    put(0x3a);
  }
}

/** Writes the members of an object that has members in the plan. */
function editedMembers(container: usize, node: usize, ordered: usize, count: u32): bool {
  const end = node + RECORDS + <usize>load<i32>(node, 64) * RECORD;
  let added = nextAdded(node + RECORDS, end);
  let isFirst = true;
  for (let i: u32 = 0; i < count; i++) {
    const entry = <usize>load<u32>(ordered + (<usize>i << 2));
    while (added != end && isBefore(added, entry)) {
      putAdded(added, isFirst);
      isFirst = false;
      added = nextAdded(added + RECORD, end);
    }
    const tracked = <usize>load<u8>(entry, 29);
    const edit = scratch + EDITS + (tracked - 1) * 12;
    const action = tracked == 0 ? KEEP : load<i32>(edit);
    if (action == REMOVE) continue;
    if (action == SET) {
      takeName(entry, isFirst);
      putBytes(load<u32>(edit, 4), load<u32>(edit, 8));
    } else if (!member(entry, tracked == 0 ? 0 : membersOf(node, <u32>(tracked - 1)), isFirst)) return false;
    isFirst = false;
  }
  while (added != end) {
    putAdded(added, isFirst);
    isFirst = false;
    added = nextAdded(added + RECORD, end);
  }
  takeClose(container);
  return true;
}

/** The next record from `record` on whose member is to be added. */
function nextAdded(record: usize, end: usize): usize {
  while (record != end && !isAdded(record)) record += RECORD;
  return record;
}

@inline
function isBefore(record: usize, entry: usize): bool {
  const a = load<u64>(record);
  const b = load<u64>(entry);
  return a == b ? compareTails(record, entry) < 0 : a < b;
}

function putAdded(record: usize, isFirst: bool): void {
  if (!isFirst) put(0x2c);
  const name = <usize>load<u32>(record, 28);
  putBytes(name, <usize>load<u32>(record, 32) - name);
  const edit = scratch + EDITS + <usize>load<u32>(record, 16) * 12;
  putBytes(load<u32>(edit, 4), load<u32>(edit, 8));
}

/** The members in the plan of a member of `node`, or 0. */
function membersOf(node: usize, number: u32): usize {
  const end = node + RECORDS + <usize>load<i32>(node, 64) * RECORD;
  for (let record = node + RECORDS; record != end; record += RECORD) {
    if (load<u32>(record, 16) == number) return load<u32>(record, 20);
  }
  return 0;
}
