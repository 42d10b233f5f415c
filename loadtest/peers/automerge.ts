import type { Opened } from '../opened.ts';
import { openInProcess } from './in-process.ts';

const WORKER = new URL('./automerge-worker.js', import.meta.url);
const COUNTER = new URL('./automerge-counter-worker.js', import.meta.url);

/** Automerge documents, reserved from within their process. */
export const openAutomerge = (opened: Opened) => openInProcess('automerge', WORKER, opened);

/** Automerge documents that count units and know of no holds; each change is written out for others. */
export const openAutomergeCounter = (opened: Opened) => openInProcess('automerge', COUNTER, opened);
