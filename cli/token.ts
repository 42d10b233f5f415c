import { isText } from '../actors/ids.ts';
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
  if (!isText(options.client)) {
    throw new StartError('--client is 1 to 64 printable characters');
  }
  if (options.owner.length === 0 || options.warehouse.length === 0 || options.role.length === 0) {
    throw new StartError('name at least one --owner, one --warehouse and one --role');
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
