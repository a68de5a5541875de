// The module as such: what it needs, where it writes, and that instances over one memory do not disturb each other.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { instantiate, KERNEL_BYTES, KERNEL_SCRATCH_BYTES, type Kernels, kernelModule } from './kernels.ts';

const PAGE_BYTES = 65_536;
const FIRST = KERNEL_BYTES;
const SECOND = FIRST + KERNEL_SCRATCH_BYTES;
const INPUT = SECOND + KERNEL_SCRATCH_BYTES;

function makeMemory(): WebAssembly.Memory {
  const pages = Math.ceil(INPUT / PAGE_BYTES) + 2;
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

test('is compiled once and needs nothing but a memory', () => {
  assert.equal(kernelModule(), kernelModule());
  const bytes = readFileSync(new URL('./kernels.wasm', import.meta.url));
  const memory = makeMemory();
  assert.doesNotThrow(() => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }));
});

test('writes its constants and its scratch space, and nothing else', () => {
  const memory = makeMemory();
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0xaa);
  const { json } = instantiate(memory, { offset: FIRST, bytes: KERNEL_SCRATCH_BYTES });
  const text = Buffer.from('{"a":[1,{"b":2}]}');
  bytes.set(text, INPUT);
  assert.equal(json.index(json.track([['a']])!, INPUT, INPUT + text.length), 0);
  const changed = bytes.findIndex((byte, at) => at >= SECOND && at < INPUT && byte !== 0xaa);
  assert.equal(changed, -1);
});

test('needs enough scratch space, behind its constants', () => {
  const memory = makeMemory();
  assert.throws(() => instantiate(memory, { offset: FIRST, bytes: KERNEL_SCRATCH_BYTES - 1 }), /scratch/);
  assert.throws(() => instantiate(memory, { offset: 0, bytes: KERNEL_SCRATCH_BYTES }), /scratch/);
});

test('instances over one memory keep what they have indexed apart', () => {
  const memory = makeMemory();
  const bytes = Buffer.from(memory.buffer);
  const kernels = [FIRST, SECOND].map((offset) => instantiate(memory, { offset, bytes: KERNEL_SCRATCH_BYTES }));
  const texts = ['{"b":1,"a":2}', '{"z":[],"y":{"d":4,"c":3}}'];
  const index = ({ json }: Kernels, i: number): number => {
    const start = INPUT + 1000 * i;
    return json.index(json.track([['a']])!, start, start + bytes.write(texts[i]!, start));
  };
  assert.deepEqual(kernels.map(index), [0, 0]);
  const written = kernels.map(({ json }) => {
    const length = json.emit(INPUT + PAGE_BYTES, 1000);
    return bytes.toString('utf8', INPUT + PAGE_BYTES, INPUT + PAGE_BYTES + length);
  });
  assert.deepEqual(written, ['{"a":2,"b":1}', '{"y":{"c":3,"d":4},"z":[]}']);
});

test('runs in a worker, with the module of the main thread and the memory of both', async () => {
  const memory = makeMemory();
  const bytes = Buffer.from(memory.buffer);
  const length = bytes.write('{"b":1,"a":2}', INPUT);
  const code = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { instantiate } = await import(workerData.url);
    const { memory, module, scratch, start, length } = workerData;
    const { json } = instantiate(memory, scratch, module);
    json.index(json.track([['a']]), start, start + length);
    parentPort.postMessage(json.emit(start + 1000, 1000));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    workerData: {
      url: new URL('./kernels.ts', import.meta.url).href,
      memory,
      module: kernelModule(),
      scratch: { offset: SECOND, bytes: KERNEL_SCRATCH_BYTES },
      start: INPUT,
      length,
    },
  });
  const written = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  assert.equal(bytes.toString('utf8', INPUT + 1000, INPUT + 1000 + written), '{"a":2,"b":1}');
});
