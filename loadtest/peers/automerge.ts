import type { Entrant } from '../alternate.ts';
import type { Opened } from '../opened.ts';
import type { Load } from '../throughput/lane.ts';
import type { Rate } from '../throughput/station.ts';
import { openInProcess } from './in-process.ts';

type Open = (opened: Opened) => Promise<(of: Load) => Entrant<Rate>>;

const opens =
  (worker: string): Open =>
  (opened) =>
    openInProcess('automerge', new URL(worker, import.meta.url), opened);

/** Automerge documents, reserved from within their process. */
export const openAutomerge = opens('./automerge-worker.js');

/** Automerge documents that count units and know of no holds; each change is written out for others. */
export const openAutomergeCounter = opens('./automerge-counter-worker.js');
