import type { Opened } from '../opened.ts';
import { openInProcess } from '../peers/in-process.ts';

/** Sales from rights that a point has, within its process. */
export const openLocalSales = (opened: Opened) =>
  openInProcess('point', new URL('./worker.js', import.meta.url), opened);
