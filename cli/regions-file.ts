import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { StartError } from '../engine/errors.ts';
import { HUB, Regions, readPlaces } from '../engine/regions.ts';
import type { DataFolder } from './data.ts';

/** The options that say which regions there are beside the hub, and what belongs to them. */
export interface RegionsOptions {
  readonly regions?: readonly string[];
  /** A file. */
  readonly places?: string;
}

/** The hub and the regions that are named; undefined where none is. */
export async function openRegions(options: RegionsOptions): Promise<Regions | undefined> {
  const { regions, places } = options;
  if (regions === undefined) {
    if (places !== undefined) throw new StartError('--places is of no use without --regions');
    return undefined;
  }
  const names = [HUB, ...regions];
  if (places === undefined) return new Regions(names);
  try {
    return new Regions(names, readPlaces(await readFile(places, 'utf8')));
  } catch (e) {
    throw new StartError(`--places ${places}: ${(e as Error).message}`);
  }
}

const FILE = 'regions.json';

/** The regions of a data folder, the hub first; undefined where it has none. */
export async function regionsIn(data: DataFolder): Promise<readonly string[] | undefined> {
  const path = data.path(FILE);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(await readFile(path, 'utf8')) as { regions: string[] }).regions;
}

/** Remembers them in the folder. What was kept there of a region is never left out. */
export async function keepRegions(data: DataFolder, regions: Regions | undefined): Promise<void> {
  const before = await regionsIn(data);
  const names = regions?.names ?? [];
  const missing = before?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const all = (before as readonly string[]).filter((name) => name !== HUB).join(',');
    throw new StartError(
      `${data.dir} has data of region ${missing}; start it with --regions ${all}`,
    );
  }
  if (regions === undefined) return;
  if (before === undefined && !data.fresh) {
    throw new StartError(
      `${data.dir} was used without regions; name an empty folder with --data, or leave --regions out`,
    );
  }
  await writeFile(data.path(FILE), `${JSON.stringify({ regions: names })}\n`, { flush: true });
}
