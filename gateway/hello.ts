import { z } from 'zod';
import { isText } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Caller } from '../engine/record.ts';
import { newIncarnation } from '../engine/sessions.ts';
import type { Identity, Verifier } from './auth.ts';

const text = z.string().refine(isText, '1 to 64 printable characters');

/** The first frame of a connection. */
export const Hello = z.object({
  op: z.literal('hello'),
  token: z.string().max(8192),
  /** Tells devices apart that share a token. Left out: the token's own name. */
  client: text.optional(),
  /** Left out: the server chooses. Told again after a reconnect, the session goes on. */
  incarnation: text.optional(),
  /**
   * Keeps a session's commands to one warehouse in order of arrival also when some must be
   * sent again: after a refusal with `retry`, higher numbers are refused until it has been.
   */
  ordered: z.boolean().optional(),
});

/** What a client may send, as told in the hello reply. */
export const TOLD_LIMITS = {
  frameBytes: LIMITS.frameBytes,
  batch: LIMITS.batch,
  allLines: LIMITS.allLines,
  inFlight: LIMITS.inFlight,
  commandsPerSecond: LIMITS.commandsPerSecond,
  sessionWindow: LIMITS.sessionWindow,
} as const;

export interface Greeted {
  readonly ok: true;
  readonly who: Identity;
  readonly caller: Caller;
  readonly ordered: boolean;
}

/** Checks a hello. The name of a device never reaches beyond its token's own. */
export async function greet(
  frame: unknown,
  verifier: Verifier,
  nowMs: number,
  nonce: string,
): Promise<Greeted | Refused> {
  if ((frame as { op?: unknown } | null)?.op !== 'hello') return refuse('hello_first');
  const hello = Hello.safeParse(frame);
  if (!hello.success) {
    const issue = hello.error.issues[0];
    return refuse('bad_field', 0, -1, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const who = await verifier.verify(hello.data.token);
  if ('ok' in who) return who;
  return {
    ok: true,
    who,
    ordered: hello.data.ordered ?? false,
    caller: {
      client: clientName(who, hello.data.client),
      incarnation: hello.data.incarnation ?? newIncarnation(nowMs, nonce),
    },
  };
}

/** Sessions of different tokens never meet, whatever name a device gives itself. */
export function clientName(who: Identity, said: string | undefined): string {
  return said === undefined || said === who.client ? who.client : `${who.client}/${said}`;
}
