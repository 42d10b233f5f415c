import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is known of a shard beside its journal, which cannot tell of its own loss. */
export interface History {
  /** True if it had a journal before: an empty one is then a loss. */
  has(): boolean;
  mark(): Promise<void>;
  /** How often its journal began anew after it had lost its end, or was restored, from 1. */
  lineage(): number;
}

/** In the folder of the shard. */
export function fileHistory(dir: string): History {
  const path = join(dir, 'has-journal');
  let marked = existsSync(path);
  return {
    has: () => marked,
    mark: async () => {
      if (marked) return;
      await mkdir(dir, { recursive: true });
      await writeFile(path, 'The journal of this shard exists. See docs/OPERATIONS.md.\n', {
        flush: true,
      });
      marked = true;
    },
    lineage: () => lineageIn(dir),
  };
}

const pathIn = (dir: string): string => join(dir, 'lineage');

function lineageIn(dir: string): number {
  if (!existsSync(pathIn(dir))) return 1;
  const lineage = Number(readFileSync(pathIn(dir), 'utf8'));
  if (!Number.isSafeInteger(lineage) || lineage < 1) {
    throw new Error(`${pathIn(dir)} is no lineage: restore it, or write the number into it`);
  }
  return lineage;
}

/** The next owner begins this lineage, or the one after the last. Returns it. */
export async function raiseLineage(dir: string, to = lineageIn(dir) + 1): Promise<number> {
  await mkdir(dir, { recursive: true });
  await writeFile(pathIn(dir), `${to}\n`, { flush: true });
  return to;
}
