import type { ShardChange, ShardRead } from '../../actors/command.ts';
import type { DocumentCommand, DocumentKey } from '../../actors/documents/commands.ts';
import type { RightsCommand } from '../../actors/rights/acts.ts';
import type { Caller } from '../../engine/record.ts';

/** What clients ask. None scans codes. */
export type Wanted = Exclude<ShardChange, RightsCommand> | ShardRead;

export const keyOf = ({ client, incarnation }: Caller, n: number): string =>
  `${client} ${incarnation} ${n}`;

/** Everything that any client ever sent, by who and number and content. */
export class Sent {
  readonly #commands = new Map<string, Map<number, Wanted>>();
  readonly #errands = new Map<string, DocumentCommand>();

  add(key: string, fingerprint: number, command: Wanted): void {
    const same = this.#commands.get(key) ?? new Map<number, Wanted>();
    this.#commands.set(key, same.set(fingerprint, command));
  }

  /** A node's courier carries this. */
  carries(command: DocumentCommand): void {
    const { key, act, step } = command;
    this.#errands.set(`${key} ${act} ${step}`, command);
  }

  errand(key: DocumentKey, event: Pick<DocumentCommand, 'act' | 'step'> | undefined) {
    return event && this.#errands.get(`${key} ${event.act} ${event.step}`);
  }

  command(key: string, fingerprint: number): Wanted | undefined {
    return this.#commands.get(key)?.get(fingerprint);
  }
}

/** Of a command's content; enough to tell those of one run apart. */
export function fingerprintOf(command: Wanted): number {
  const text = JSON.stringify(command);
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
