import { createServer } from 'node:net';

/** A free TCP port on the loopback; `wanted` if that is free. */
export async function freePort(wanted = 0): Promise<number> {
  return (await tryPort(wanted)) ?? ((await tryPort(0)) as number);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
