/** Chooses the door: uWebSockets.js wherever a native binary loads, else `ws`. */
import { assertDoorOptions, type Door, type DoorOptions } from './door.ts';
import { loadUws } from './native.ts';
import { openUwsDoor } from './uws.ts';
import { openWsDoor } from './ws.ts';

export type Preference = 'uws' | 'ws';

/**
 * A preference for `uws` is a wish: without a binary the door is `ws`, and `note` says why.
 * @param prefer by default the environment's HOLDFAST_DOOR, else `uws`
 * @returns rejects with the system's error, such as code `EADDRINUSE`, or a RangeError
 */
export async function openDoor<S>(
  options: DoorOptions<S> & { readonly prefer?: Preference },
): Promise<Door> {
  assertDoorOptions(options);
  const preference = options.prefer ?? preferenceOf(process.env.HOLDFAST_DOOR);
  if (preference === 'ws') return openWsDoor('ws was preferred', options);
  const loaded = loadUws();
  if (!loaded.ok) return openWsDoor(loaded.reason, options);
  return openUwsDoor(loaded.uws, `native binary of ${loaded.from}`, options);
}

/** Throws a RangeError for a name that is no door, rather than open the wrong one. */
function preferenceOf(name: string | undefined): Preference {
  if (name === undefined || name === '' || name === 'uws') return 'uws';
  if (name === 'ws') return 'ws';
  throw new RangeError(`HOLDFAST_DOOR is ${name}; it must be uws or ws`);
}
