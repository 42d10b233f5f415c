import { describe, expect, test } from 'vitest';
import { ChangeReader, openHead } from '../engine/record-reader.ts';
import { JournalMaker, type Step } from '../test/support/journal-maker.ts';
import { ACCOUNTS, callerDoc, docIn, type Movement, Movements } from './ledger.ts';

/** The lines of all steps in one record: `quality account before→after`. */
function lines(...steps: readonly Step[]): string[] {
  const found: string[] = [];
  eachLine(steps, (_, { quality, account, change, after }) => {
    found.push(`${quality} ${ACCOUNTS[account]} ${after - change}→${after}`);
  });
  return found;
}

function eachLine(
  steps: readonly Step[],
  look: (change: ChangeReader, line: Movement) => void,
): void {
  const maker = new JournalMaker();
  for (const step of steps) maker.run(step);
  const change = new ChangeReader();
  const movements = new Movements();
  change.begin(openHead(maker.record().bytes));
  while (change.next()) for (const line of movements.of(change)) look(change, line);
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
    [
      'rights that are granted, sold and regained',
      [
        RECEIVE,
        { op: 'grant', qty: 6 },
        { op: 'sell', qty: 2, hold: 'h' },
        { op: 'regain', qty: 3 },
      ],
      [...['0 onHand 0→10', '0 granted 0→6', '0 allocated 0→2', '0 granted 6→4'], '0 granted 4→1'],
    ],
    [
      'a loss takes from behind rights before it takes from a hold, and a receipt serves them last',
      [
        ...[RECEIVE, RESERVE, { op: 'grant', qty: 5 } as const],
        { op: 'adjust', delta: -8 },
        { op: 'receive', qty: 3 },
        { op: 'regain', qty: 4 },
      ],
      [
        ...['0 onHand 0→10', '0 allocated 0→4', '0 granted 0→5'],
        ...['0 onHand 10→2', '0 allocated 4→2', '0 granted 5→0'],
        ...['0 onHand 2→5', '0 allocated 2→4', '0 granted 0→1'],
      ],
    ],
  ])('%s', (_, steps, expected) => {
    expect(lines(...steps)).toEqual(expected);
  });

  test('the document is the event’s own, else its hold, else the command of who asked', () => {
    const found: string[] = [];
    eachLine(
      [
        { ...RECEIVE, doc: 'PO-1' },
        { ...RESERVE, doc: 'SO-1' },
        { ...RESERVE, hold: 'g' },
        { op: 'adjust', delta: 1, reason: 'found' },
      ],
      (change) => found.push(`${docIn(change)} ${callerDoc(change)}`),
    );
    expect(found).toEqual(['doc floor#1', 'doc floor#2', 'hold floor#3', 'caller floor#4']);
  });

  test('what is looked up for a plain event is what its postings say', () => {
    for (const qty of [1, 7, 1_000_000]) {
      const [received, reserved, shipped] = lines(
        { op: 'receive', qty: 2 * qty },
        { ...RESERVE, qty },
        { op: 'pick', hold: 'h' },
        { op: 'pack', hold: 'h' },
        { op: 'ship', hold: 'h' },
      );
      expect(received).toBe(`0 onHand 0→${2 * qty}`);
      expect(reserved).toBe(`0 allocated 0→${qty}`);
      expect(shipped).toBe(`0 onHand ${2 * qty}→${qty}`);
    }
  });
});
