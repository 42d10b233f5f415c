import { type Refused, refuse } from '../actors/outcomes.ts';
import type { Caller } from '../engine/record.ts';
import { newIncarnation } from '../engine/sessions.ts';
import type { Identity, Verifier } from './auth.ts';
import { Hello } from './schemas.ts';

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

/**
 * Sessions of tokens of different clients never meet, whatever name a device
 * gives itself: its own name begins after the first slash.
 */
export function clientName(who: Identity, said: string | undefined): string {
  const own = who.client.replaceAll('%', '%25').replaceAll('/', '%2F');
  return said === undefined || said === who.client ? own : `${own}/${said}`;
}
