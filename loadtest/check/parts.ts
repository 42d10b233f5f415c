import { Packr, Unpackr } from 'msgpackr';
import { ENDED_KEPT } from '../../actors/stock/state.ts';
import { type Entry, GENESIS, seal } from '../../engine/record.ts';
import { BatchWriter } from '../../engine/record-batch.ts';
import { settle } from '../../engine/settled.ts';
import { Answered } from '../../gateway/answered.ts';
import { defaultsOf, type Identity } from '../../gateway/auth.ts';
import { msgpackCodec } from '../../gateway/codec.ts';
import { parseCommand } from '../../gateway/commands.ts';
import type { Fields } from '../../gateway/fields.ts';
import { replyOf } from '../../gateway/replies.ts';
import { command, NOW_MS, stocked } from '../actors/goods.ts';
import { batchFrame } from '../scan/frames.ts';
import { skuOf } from '../scan/warehouse.ts';
import { calibration } from './calibration.ts';

/** Commands in each frame, record and reply here. */
export const FRAME = 128;
const ACTORS = 1_000;

export const PARTS = ['decision', 'decode', 'encode', 'record'] as const;
export type PartName = (typeof PARTS)[number];

/** One part of a command's way, and what it is told in times of. Each call is for `FRAME` commands. */
export interface Part {
  readonly run: () => unknown;
  readonly yardstick: () => unknown;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

const WHO: Identity = {
  client: 'bench',
  owners: ['demo'],
  warehouses: ['W1'],
  roles: ['admin'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};

/** From the bytes of a frame to commands; in times of msgpackr's reading of the same bytes. */
function decoding(): Part {
  const all = Array.from({ length: FRAME }, (_, i) => ({
    n: 100_000 + i,
    sku: skuOf(i),
    hold: `7-${100_000 + i}`,
  }));
  const frame = batchFrame(all);
  const defaults = defaultsOf(WHO);
  return {
    run: () => {
      for (const fields of msgpackCodec.decode(frame) as Fields[]) {
        if ('code' in parseCommand(fields, WHO, defaults)) throw new Error('a command was refused');
      }
    },
    yardstick: () => unpackr.unpack(frame),
  };
}

/** From answers to the bytes of a reply; in times of msgpackr's writing of the same replies. */
function encoding(): Part {
  const answers = entries().map(({ n, outcome }) => ({ n, answer: settle(false, outcome) }));
  const replies = answers.map(({ n, answer }) => replyOf(n, answer));
  return {
    run: () => msgpackCodec.encode(answers.map(({ n, answer }) => new Answered(n, answer, true))),
    yardstick: () => packr.pack(replies),
  };
}

/** From outcomes to a journal record and its hash; in times of msgpackr's writing of the same outcomes. */
function recording(): Part {
  const all = entries();
  const head = { epoch: 1, number: 100_000, hash: GENESIS, timeMs: NOW_MS };
  const batch = new BatchWriter();
  return {
    run: () => {
      for (const entry of all) batch.write(entry);
      return seal(0, head, 1, NOW_MS, { kind: 'batch', batch, acknowledged: [] });
    },
    yardstick: () => packr.pack(all),
  };
}

function entries(): Entry[] {
  const room = stocked(ACTORS);
  const caller = { client: 'bench', incarnation: 'lb5c2k9q.0123456789abcdef' };
  return Array.from({ length: FRAME }, (_, i) => ({
    caller,
    n: 100_000 + i,
    fingerprint: 2 ** 51 + i,
    all: false,
    outcome: room.run(command('reserve', i, 1, `7-${i}`), NOW_MS),
  }));
}

/** Reserves and releases, holds of actors in turn; in times of a loop that is nobody's. */
function deciding(): Part {
  const room = stocked(ACTORS);
  const cycles = Array.from({ length: 2 * ENDED_KEPT * ACTORS }, (_, i) =>
    (['reserve', 'release'] as const).map((op) => command(op, (i * 7) % ACTORS, 1, `hold-${i}`)),
  ).flat();
  let at = 0;
  const run = (): void => {
    for (let i = 0; i < FRAME; i++) {
      const one = cycles[at++ % cycles.length];
      if (one === undefined || !room.run(one, NOW_MS).ok) throw new Error('a command was refused');
    }
  };
  return { run, yardstick: () => calibration(2 * FRAME) };
}

const MAKE: Readonly<Record<PartName, () => Part>> = {
  decision: deciding,
  decode: decoding,
  encode: encoding,
  record: recording,
};

/** A new one, which nothing has run yet. */
export const partOf = (name: PartName): Part => MAKE[name]();
