import { LIMITS, slotsOf } from '../engine/limits.ts';
import { HUB } from '../engine/regions.ts';
import { startCentreThread } from '../oms/thread.ts';
import { openData } from './data.ts';
import { openLog } from './log.ts';
import { linkTo } from './nats-link.ts';
import { openRegions, type RegionsOptions } from './regions-file.ts';
import { DEFAULT_OWNER } from './stack.ts';
import { stopOnSignal } from './stopping.ts';
import { VERSION } from './version.ts';

export interface OmsOptions extends RegionsOptions {
  readonly nats: string;
  readonly region: string;
  readonly data: string;
  readonly postgres?: string;
  readonly json: boolean;
  readonly logLevel: string;
}

/** The centre of a region by itself, on a NATS server that runs elsewhere. */
export async function oms(options: OmsOptions): Promise<void> {
  const { nats, postgres, json } = options;
  const regions = await openRegions(options);
  const region = regions === undefined ? options.region : HUB;
  const log = openLog(options.logLevel);
  const data = await openData(options.data);
  try {
    await (await linkTo(nats, 'holdfast centre start')).close(); // says in words that it is not there
    const centre = await startCentreThread({
      servers: nats,
      region,
      ...(regions === undefined ? {} : { linked: regions.linked, places: regions.places }),
      shards: LIMITS.shards,
      slots: slotsOf(regions !== undefined),
      store:
        postgres === undefined
          ? { kind: 'pglite', dir: data.path('centre') }
          : { kind: 'postgres', url: postgres },
      defaultOwner: DEFAULT_OWNER,
      log,
    });
    stopOnSignal(
      async () => {
        await centre.close();
        await data.release();
      },
      log,
      json,
    );
    const names = regions?.names ?? [region];
    const ready = { nats, region, regions: names, data: data.dir, pid: process.pid };
    process.stdout.write(
      json
        ? `${JSON.stringify(ready)}\n`
        : `\nHoldfast ${VERSION}: the centre of ${names.join(', ')} reads from ${nats}. Ctrl-C stops it.\n`,
    );
  } catch (e) {
    await data.release();
    throw e;
  }
}
