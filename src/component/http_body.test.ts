import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { HttpRejection } from '../net/http/rejection.ts';
import { BodyInflater } from './http_body.ts';

const LIMIT_BYTES = 1000;

async function inflated(body: Buffer, encoding: string | undefined): Promise<string> {
  let text = '';
  await new BodyInflater(LIMIT_BYTES).inflate([body.subarray(0, 3), body.subarray(3)], encoding, async (pieces) => {
    text = Buffer.concat(pieces).toString();
  });
  return text;
}

const rejected = (status: number, message: RegExp) => (error: unknown) =>
  error instanceof HttpRejection && error.status === status && message.test(error.message);

test('undoes encodings from the last to the first', async () => {
  assert.equal(await inflated(Buffer.from('plain'), undefined), 'plain');
  assert.equal(await inflated(Buffer.from('plain'), 'identity'), 'plain');
  assert.equal(await inflated(zlib.deflateSync(zlib.gzipSync('twice')), 'gzip,deflate'), 'twice');
});

test('names the encoding that failed, and the one that is not known', async () => {
  await assert.rejects(inflated(zlib.gzipSync('x'), 'deflate, gzip'), rejected(422, /with deflate decoder/));
  await assert.rejects(inflated(Buffer.from('x'), 'br, gzip, lzma'), rejected(415, /^Unsupported encoding lzma$/));
  await assert.rejects(inflated(zlib.gzipSync(Buffer.alloc(5000)), 'gzip'), rejected(413, /more than 1000 bytes/));
});

test('no more than two inflated bodies are in memory, and a failing one makes room', async () => {
  const inflater = new BodyInflater(LIMIT_BYTES);
  const open: (() => void)[] = [];
  let inMemory = 0;
  const use = async (): Promise<void> => {
    inMemory += 1;
    await new Promise<void>((resolve) => open.push(resolve));
    inMemory -= 1;
  };
  const body = [zlib.gzipSync('x')];
  const all = Array.from({ length: 5 }, () => inflater.inflate(body, 'gzip', use));
  const bad = inflater.inflate([Buffer.from('bad')], 'gzip', use).catch((error: unknown) => error);
  for (let done = 0; done < 5; done++) {
    while (open.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(inMemory <= 2, `${inMemory} bodies`);
    open.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  assert.ok((await bad) instanceof HttpRejection);
  await inflater.inflate(body, 'gzip', async () => {});
});
