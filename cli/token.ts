import { StartError } from '../engine/errors.ts';
import { ROLES, type Role, signToken } from '../gateway/auth.ts';
import { readKeys } from './data.ts';

export interface TokenOptions {
  readonly data: string;
  readonly client: string;
  readonly owner: readonly string[];
  readonly warehouse: readonly string[];
  readonly role: readonly string[];
  readonly days: number;
}

/** Prints a token signed with the data folder's key. */
export async function token(options: TokenOptions): Promise<void> {
  const unknown = options.role.find((r) => !(ROLES as readonly string[]).includes(r));
  if (unknown !== undefined) {
    throw new StartError(`there is no role ${unknown}; roles are ${ROLES.join(', ')}`);
  }
  const signed = await signToken(
    await readKeys(options.data),
    {
      client: options.client,
      owners: options.owner,
      warehouses: options.warehouse,
      roles: options.role as Role[],
    },
    options.days * 24 * 3_600_000,
  );
  process.stdout.write(`${signed}\n`);
}
