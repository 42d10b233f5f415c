import { parentPort, workerData } from 'node:worker_threads';
import { messages } from '@electric-sql/pglite';
import { messageOfError, StartError } from '../../engine/errors.ts';
import { giveWay } from '../give-way.ts';
import type { Row } from './database.ts';
import { PgliteSession } from './pglite.ts';

export type Request =
  | { readonly kind: 'query'; readonly text: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'copyIn'; readonly target: string; readonly rows: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'close' };

/** Asked one at a time, each after the answer to the one before. */
export interface ToSession {
  readonly id: number;
  readonly request: Request;
}

export type FromSession =
  | { readonly kind: 'done'; readonly id: number; readonly rows: readonly Row[] }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string }
  /** It cannot be opened, for a reason that a person can put right. */
  | { readonly kind: 'unusable'; readonly id: number; readonly why: string };

const { dir } = workerData as { readonly dir: string };
giveWay(10);
let session: PgliteSession | undefined;

parentPort?.on('message', (message: ToSession) => void answer(message));

async function answer({ id, request }: ToSession): Promise<void> {
  const tell = (message: FromSession): void => parentPort?.postMessage(message);
  try {
    session ??= await PgliteSession.open(dir);
    tell({ kind: 'done', id, rows: await carryOut(session, request) });
    if (request.kind === 'close') process.exit(); // ends this thread alone
  } catch (e) {
    tell({ kind: e instanceof StartError ? 'unusable' : 'failed', id, why: messageOfError(e) });
    // PostgreSQL's own errors leave it sound. After any other only a new start is.
    if (!(e instanceof messages.DatabaseError)) process.exit(1);
  }
}

async function carryOut(sql: PgliteSession, request: Request): Promise<readonly Row[]> {
  switch (request.kind) {
    case 'query':
      return sql.query(request.text, request.parameters);
    case 'copyIn':
      await sql.copyIn(request.target, request.rows);
      return [];
    case 'script':
      await sql.script(request.text);
      return [];
    case 'close':
      await sql.close();
      return [];
  }
}
