import { readdir, readFile } from 'node:fs/promises';
import { StartError } from '../../engine/errors.ts';
import type { Database } from './database.ts';

/** SQL files lie beside the code, and the build puts them beside the compiled code too. */
const FOLDER = new URL('../sql/', import.meta.url);

const TABLE = `create table if not exists migration (
  number integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
)`;

/** Brings the database to this version's tables, each step in a transaction of its own. */
export async function migrate(db: Database): Promise<void> {
  await db.query(TABLE);
  const done = new Set(
    (await db.query('select number from migration')).map((r) => Number(r.number)),
  );
  const files = (await readdir(FOLDER)).filter((f) => f.endsWith('.sql')).sort();
  const newest = Math.max(0, ...done);
  if (newest > files.length) {
    throw new StartError(
      `the centre's store is of a newer version (step ${newest}, here ${files.length}); start that version`,
    );
  }
  for (const file of files) {
    const number = Number.parseInt(file, 10);
    if (done.has(number)) continue;
    const text = await readFile(new URL(file, FOLDER), 'utf8');
    await db.transaction(async (sql) => {
      await sql.script(text);
      await sql.query('insert into migration (number, name) values ($1, $2)', [number, file]);
    });
  }
}
