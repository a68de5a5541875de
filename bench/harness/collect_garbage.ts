// Has a program of Node collect its garbage, so that its memory is what it keeps: through its inspector, which it opens
// when it is started with `INSPECTED`.

export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** `output` is what the program has written since its start. */
export function inspectorOf(output: string): string {
  const url = [...output.matchAll(/Debugger listening on (ws:\S+)/g)].at(-1)?.[1];
  if (url === undefined) throw new Error(`the program has no inspector: ${output}`);
  return url;
}

export function collectGarbage(inspector: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(inspector);
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
    socket.onmessage = () => {
      socket.close();
      resolve();
    };
    socket.onerror = () => reject(new Error(`${inspector} does not answer`));
  });
}
