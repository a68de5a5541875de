// As many requests over one connection as fast as they are answered, each with a method and path of its own.

import { connect } from 'node:net';

/** Requests on their way at a time. */
const PIPELINED = 50;

/** Asks `count` times in bursts; `target` gives method and path of a request by its number. */
export function ask(port: number, count: number, target: (index: number) => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let sent = 0;
    let answered = 0;
    let tail = '';
    const burst = (): void => {
      let text = '';
      for (let i = 0; i < PIPELINED && sent < count; i++, sent++)
        text += `${target(sent)} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc`;
      socket.write(text);
    };
    socket.setEncoding('latin1');
    socket.on('connect', burst);
    socket.on('data', (chunk: string) => {
      const text = tail + chunk;
      answered += text.split('HTTP/1.1 ').length - 1;
      // A head that is cut in two is counted when it is whole.
      tail = text.slice(-('HTTP/1.1 '.length - 1));
      if (answered === count) {
        socket.destroy();
        resolve();
      } else if (answered === sent) burst();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection ended after ${answered} of ${count} answers`)));
  });
}
