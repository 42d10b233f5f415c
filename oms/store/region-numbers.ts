import { StartError } from '../../engine/errors.ts';
import type { NumberedRegion } from '../places.ts';
import type { Database } from './database.ts';

/** What the store has; one of before regions were kept has no name, ''. */
export async function readRegions(db: Database): Promise<readonly NumberedRegion[]> {
  const rows = await db.query('select number, name from region order by number');
  return rows.map(({ number, name }) => ({ region: String(name), number: Number(number) }));
}

/** The numbers of these regions; new ones get the next. Throws {@link StartError} where the store has another. */
export async function numberRegions(
  db: Database,
  names: readonly string[],
): Promise<readonly NumberedRegion[]> {
  const kept = await named(db, names, await readRegions(db));
  const other = kept.find(({ region }) => !names.includes(region));
  if (other !== undefined) {
    const which = other.region === '' ? 'one region that was alone' : `region ${other.region}`;
    throw new StartError(
      `the centre's store has ${which}, and now ${names.join(', ')} is to be read; ` +
        'name the same regions, or an empty store',
    );
  }
  const fresh = names.filter((name) => !kept.some(({ region }) => region === name));
  const first = Math.max(-1, ...kept.map(({ number }) => number)) + 1;
  const added = fresh.map((region, i) => ({ region, number: first + i }));
  await db.transaction(async (sql) => {
    for (const { region, number } of added) {
      await sql.query('insert into region (number, name) values ($1, $2)', [number, region]);
    }
  });
  return [...kept, ...added];
}

/** A region that was alone gets its name, if it still is. */
async function named(
  db: Database,
  names: readonly string[],
  kept: readonly NumberedRegion[],
): Promise<readonly NumberedRegion[]> {
  const [nameless] = kept;
  const [name] = names;
  if (nameless?.region !== '' || name === undefined || names.length > 1) return kept;
  await db.transaction((sql) =>
    sql.query('update region set name = $1 where number = $2', [name, nameless.number]),
  );
  return [{ region: name, number: nameless.number }];
}
