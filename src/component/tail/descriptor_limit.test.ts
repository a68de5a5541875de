import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesMax } from './descriptor_limit.ts';

const limits = (open: string) =>
  `Limit   Soft Limit  Hard Limit  Units\nMax open files            ${open}    4096   files\n`;

test('leaves a part of the descriptors to sockets', () => {
  assert.equal(filesMax(limits('1000')), 750);
  assert.equal(filesMax(limits('1')), 1);
  assert.equal(filesMax(limits('10000000')), 65_536);
  assert.equal(filesMax(limits('unlimited')), 65_536);
  assert.equal(filesMax(''), 65_536);
  assert.ok(filesMax() > 0);
});
