import type { OwnerId } from '../../actors/ids.ts';
import type { Standing } from '../../rules/compile.ts';
import type { Made } from '../../rules/document.ts';
import type { Effect, Figures } from '../../rules/dry-run.ts';
import type { Op } from '../../rules/edit.ts';
import type { Problem } from '../../rules/settle.ts';
import type { Edited, Shown } from '../../rules/store.ts';

/** What the thread of rules is asked, and what it answers, by name. */
export interface Asks {
  show: { asked: { owner: OwnerId }; told: Shown };
  history: { asked: { owner: OwnerId }; told: Made[] };
  check: { asked: { owner: OwnerId; ops: readonly Op[] }; told: readonly Problem[] };
  dryRun: {
    asked: { owner: OwnerId; ops: readonly Op[]; figures: readonly Figures[]; nowMs: number };
    told: { problems: readonly Problem[]; effects: Effect[] };
  };
  edit: {
    asked: { owner: OwnerId; ops: readonly Op[]; who: string; nowMs: number };
    told: Edited;
  };
}

export type AskName = keyof Asks;

export type ToWorker =
  | { readonly kind: 'ask'; readonly id: number; readonly name: AskName; readonly asked: unknown }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It could not start, for a reason that a person can put right. */
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'standing'; readonly owner: OwnerId; readonly standing: Standing }
  | { readonly kind: 'told'; readonly id: number; readonly told: unknown }
  | { readonly kind: 'wrong'; readonly id: number; readonly why: string };

export interface WorkerOptions {
  /** Address of the NATS server, several by commas. */
  readonly servers: string;
  /** A folder of this node alone. */
  readonly dir: string;
  readonly node: string;
  readonly logLevel: string;
}
