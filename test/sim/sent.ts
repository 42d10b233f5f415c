import type { Command } from '../../actors/stock/commands.ts';
import type { Caller } from '../../engine/record.ts';

export const keyOf = ({ client, incarnation }: Caller, n: number): string =>
  `${client} ${incarnation} ${n}`;

/** Everything that any client ever sent, by who and number and content. */
export class Sent {
  readonly #commands = new Map<string, Map<number, Command>>();

  add(key: string, fingerprint: number, command: Command): void {
    const same = this.#commands.get(key) ?? new Map<number, Command>();
    this.#commands.set(key, same.set(fingerprint, command));
  }

  command(key: string, fingerprint: number): Command | undefined {
    return this.#commands.get(key)?.get(fingerprint);
  }
}

/** Of a command's content; enough to tell those of one run apart. */
export function fingerprintOf(command: Command): number {
  const text = JSON.stringify(command);
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
