// The outputs of a source or transform, by port: counts what is sent and fans it out.

import type { ComponentContext } from '../component/context.ts';
import type { OutputDefinition } from '../component/define.ts';
import { type Batch, estimatedBytes, finish } from '../event/batch.ts';
import { assert } from '../std/assert.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import { Fanout } from './fanout.ts';

/** Label `output` of the port without a name. */
export const DEFAULT_OUTPUT = '_default';

interface Port {
  readonly name: string | undefined;
  readonly fanout: Fanout;
  readonly sent: Throughput;
}

export class Outputs {
  readonly #ports: ReadonlyMap<string | undefined, Port>;

  constructor(definitions: readonly OutputDefinition[], context: ComponentContext) {
    this.#ports = new Map(
      definitions.map(({ port: name }) => [
        name,
        { name, fanout: new Fanout(), sent: Throughput.sent(context, name ?? DEFAULT_OUTPUT) },
      ]),
    );
  }

  /** Hands on the hold of `batch`. A promise is backpressure. */
  send(batch: Batch, name: string | undefined): Promise<void> | undefined {
    const port = this.#ports.get(name);
    if (!port) finish(batch, 'rejected');
    assert(port, `a component sends to the outputs it declares, not to \`${name ?? DEFAULT_OUTPUT}\``);
    port.sent.add(batch.count, estimatedBytes(batch));
    return port.fanout.send(batch);
  }

  /** Output ids (`id` or `id.port`) with what is behind them. */
  *byId(id: string): Iterable<readonly [string, Fanout]> {
    for (const { name, fanout } of this.#ports.values()) yield [name === undefined ? id : `${id}.${name}`, fanout];
  }

  *fanouts(): Iterable<Fanout> {
    for (const { fanout } of this.#ports.values()) yield fanout;
  }

  end(): void {
    for (const fanout of this.fanouts()) fanout.end();
  }
}
