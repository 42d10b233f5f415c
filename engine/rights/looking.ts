import type { ActorKey } from '../../actors/ids.ts';
import { type Clock, nextTurn } from '../clock.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { noSharing, type Sharing } from './sharer.ts';

export interface Looking {
  readonly clock: Clock;
  readonly share: (sharing: Sharing) => Promise<void>;
  readonly isOver: () => boolean;
}

/** Looks at many SKUs without holding up others, and has shared what the looks came to. */
export async function lookAt(
  skus: Iterable<ActorKey>,
  look: (sku: ActorKey, into: Sharing) => void,
  { clock, share, isOver }: Looking,
): Promise<void> {
  let sharing = noSharing();
  let looked = 0;
  for (const sku of [...skus]) {
    if (isOver()) return;
    look(sku, sharing);
    const isPause = ++looked % RIGHTS_LIMITS.slice === 0;
    const wanted = sharing.grants.length + sharing.keeps.length;
    if (wanted < (isPause ? 1 : RIGHTS_LIMITS.lanes)) {
      if (isPause) await nextTurn(clock);
      continue;
    }
    await share(sharing);
    sharing = noSharing();
  }
  if (sharing.grants.length + sharing.keeps.length > 0) await share(sharing);
}

/** As many as one record takes; one part at least. News comes with the last, when all is granted. */
export function partsOf({ grants, keeps, news }: Sharing): Sharing[] {
  const most = RIGHTS_LIMITS.lanes;
  const parts: Sharing[] = [];
  for (let from = 0; from < Math.max(grants.length, keeps.length, 1); from += most) {
    const to = from + most;
    parts.push({ grants: grants.slice(from, to), keeps: keeps.slice(from, to), news: [] });
  }
  parts.at(-1)?.news.push(...news);
  return parts;
}
