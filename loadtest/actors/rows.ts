import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import type { ActorRow } from './worker.ts';

const WORKER = new URL('./worker.js', import.meta.url);
const LIMIT_MS = 180_000;

/** The figures of one actor row, in the order in which rows.ts names them. */
export async function actorRow(row: ActorRow, opened: Opened): Promise<readonly number[]> {
  try {
    const { child } = await Child.start<string, ActorRow, readonly number[]>(WORKER, opened, [
      '--expose-gc',
    ]);
    return await child.ask(row, LIMIT_MS);
  } finally {
    await opened.close();
  }
}
