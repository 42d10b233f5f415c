import { describe, expect, test } from 'vitest';
import { open } from '../engine/record.ts';
import { JournalMaker, type Step } from '../test/support/journal-maker.ts';
import { ACCOUNTS, ledgerEvent } from './ledger.ts';

/** The lines of all steps in one record: `quality account before→after`. */
function lines(...steps: readonly Step[]): string[] {
  return events(...steps).flatMap((e) =>
    e.lines.map((l) => `${l.quality} ${ACCOUNTS[l.account]} ${l.after - l.change}→${l.after}`),
  );
}

function events(...steps: readonly Step[]) {
  const maker = new JournalMaker();
  for (const step of steps) maker.run(step);
  const { body } = open(maker.record().bytes);
  if (body.kind !== 'batch') throw new Error('unreachable');
  return body.entries.flatMap((entry) => {
    const changes = entry.outcome.ok ? entry.outcome.changes : [];
    return changes.flatMap((change) => ledgerEvent(entry, change, 7) ?? []);
  });
}

const RECEIVE: Step = { op: 'receive', qty: 10 };
const RESERVE: Step = { op: 'reserve', qty: 4, hold: 'h' };
const SHIPPED: Step[] = [
  { op: 'pick', hold: 'h' },
  { op: 'pack', hold: 'h' },
  { op: 'ship', hold: 'h' },
];

describe('S4 in the ledger', () => {
  test.each<[string, Step[], string[]]>([
    ['a receipt', [RECEIVE], ['0 onHand 0→10']],
    ['a reservation', [RECEIVE, RESERVE], ['0 onHand 0→10', '0 allocated 0→4']],
    [
      'a shipment; picking and packing move nothing between accounts',
      [RECEIVE, RESERVE, ...SHIPPED],
      ['0 onHand 0→10', '0 allocated 0→4', '0 onHand 10→6', '0 allocated 4→0'],
    ],
    [
      'a release',
      [RECEIVE, RESERVE, { op: 'release', hold: 'h', qty: 1 }],
      ['0 onHand 0→10', '0 allocated 0→4', '0 allocated 4→3'],
    ],
    [
      'goods put back as another quality leave one and enter the other',
      [
        RECEIVE,
        RESERVE,
        { op: 'pick', hold: 'h' },
        { op: 'cancel', hold: 'h' },
        { op: 'putback', quality: 1 },
      ],
      ['0 onHand 0→10', '0 allocated 0→4', '0 allocated 4→0', '0 onHand 10→6', '1 onHand 0→4'],
    ],
    [
      'a loss beyond what is available takes from both accounts',
      [RECEIVE, RESERVE, { op: 'adjust', delta: -8 }],
      ['0 onHand 0→10', '0 allocated 0→4', '0 onHand 10→2', '0 allocated 4→2'],
    ],
    [
      'a receipt that serves a waiting hold',
      [RECEIVE, RESERVE, { op: 'adjust', delta: -8 }, { op: 'receive', qty: 5 }],
      [
        ...['0 onHand 0→10', '0 allocated 0→4', '0 onHand 10→2', '0 allocated 4→2'],
        ...['0 onHand 2→7', '0 allocated 2→4'],
      ],
    ],
  ])('%s', (_, steps, expected) => {
    expect(lines(...steps)).toEqual(expected);
  });

  test('an event says its document, hold, reason and who', () => {
    const [received, reserved, adjusted] = events(
      { ...RECEIVE, doc: 'PO-1' },
      { ...RESERVE, occurredAtMs: 5 },
      { op: 'adjust', delta: 1, reason: 'found' },
    );
    expect(received).toMatchObject({ actor: 7, actorSeq: 1, doc: 'PO-1', docLine: '', reason: '' });
    expect(reserved).toMatchObject({ doc: 'h', docLine: 'h', client: 'floor', occurredAtMs: 5 });
    expect(adjusted).toMatchObject({ doc: 'floor#3', reason: 'found' });
  });
});
