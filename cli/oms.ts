import { LIMITS } from '../engine/limits.ts';
import { startCentreThread } from '../oms/thread.ts';
import { openData } from './data.ts';
import { openLog } from './log.ts';
import { linkTo } from './nats-link.ts';
import { DEFAULT_OWNER } from './stack.ts';
import { stopOnSignal } from './stopping.ts';
import { VERSION } from './version.ts';

export interface OmsOptions {
  readonly nats: string;
  readonly region: string;
  readonly data: string;
  readonly postgres?: string;
  readonly json: boolean;
  readonly logLevel: string;
}

/** The centre of a region by itself, on a NATS server that runs elsewhere. */
export async function oms(options: OmsOptions): Promise<void> {
  const { nats, region, postgres, json } = options;
  const log = openLog(options.logLevel);
  const data = await openData(options.data);
  try {
    await (await linkTo(nats, 'holdfast centre start')).close(); // says in words that it is not there
    const centre = await startCentreThread({
      servers: nats,
      region,
      shards: LIMITS.shards,
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
    const ready = { nats, region, data: data.dir, pid: process.pid };
    process.stdout.write(
      json
        ? `${JSON.stringify(ready)}\n`
        : `\nHoldfast ${VERSION}: the centre of region ${region} reads from ${nats}. Ctrl-C stops it.\n`,
    );
  } catch (e) {
    await data.release();
    throw e;
  }
}
