/** A bare echo behind the same door as Holdfast's, in a process of its own. */
import { SUBPROTOCOLS } from '../../gateway/codec.ts';
import { openDoor } from '../../gateway/door/open.ts';
import { serveParent } from '../child.ts';

const MOST_BYTES = 1024 * 1024;

const door = await openDoor<undefined>({
  host: '127.0.0.1',
  port: 0,
  path: '/echo',
  subprotocols: SUBPROTOCOLS,
  maxFrameBytes: MOST_BYTES,
  maxBufferedBytes: 8 * MOST_BYTES,
  idleTimeoutSeconds: 120,
  handlers: {
    http: () => ({ status: 404, type: 'text/plain', body: 'only an echo\n' }),
    open: () => {},
    message: (socket, data, binary) => {
      socket.send(data, binary);
    },
    writable: () => {},
    closed: () => {},
    failed: () => {},
  },
});

serveParent(`ws://127.0.0.1:${door.port}/echo`, async () => undefined);
