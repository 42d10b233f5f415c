import { describe, it } from 'vitest';
import { Floor } from '../../test/support/floor.ts';

const row = (title: string, steps: string): void => it(title, () => new Floor().walk(steps));

/** `~presale` is the hold of all rights to goods in transit that are out. */
describe('rights to goods in transit', () => {
  row(
    'S7 are of what is announced and was promised to nobody',
    'announce 40 · grant ~presale 30 · changes waiting +30 · expect ~presale.presale 30 · ' +
      'grant ~presale 11 · refused insufficient 10 of 11 · grant ~presale 10',
  );
  row(
    'S9 take nothing of what is free',
    'announce 10 · receive 5 · grant ~presale 10 · changes waiting +10 · expect available 5 · ' +
      'adjust +3 · changes onHand +3, available +3 · expect ~presale.presale 10',
  );
  row(
    'S3 are a hold’s when they are sold, and it waits for those goods alone',
    'announce 10 · receive 5 · grant ~presale 10 · sell A 4 presale4 · changes nothing · ' +
      'expect A.presale 4, A.waiting 4, ~presale.waiting 6 · ' +
      'receive 10 arrived10 · changes inTransit -10, onHand +10, allocated +4, granted +6, waiting -10',
  );
  row(
    'S9 are served by what arrives, those that were sold first, and before a back-order that is older',
    'announce 10 · reserve B 3 backorder · grant ~presale 10 · sell A 4 presale4 · ' +
      'receive 6 arrived6 · changes inTransit -6, onHand +6, allocated +4, granted +2, waiting -6 · ' +
      'expect B.waiting 3 · receive 5 · changes onHand +5, allocated +3, waiting -3, available +2 · ' +
      'expect ~presale.presale 4',
  );
  row(
    'S7 that have lost their goods lapse: rights first, then the newest hold, and wait for any',
    'announce 10 · grant ~presale 10 · sell A 3 presale3 · sell B 3 presale3 · withdraw 5 · ' +
      'changes inTransit -5 · expect ~presale.presale 0, ~presale.waiting 4, B.presale 2, A.presale 3 · ' +
      'receive 2 · changes onHand +2, allocated +1, granted +1, waiting -2 · expect B.waiting 2',
  );
  row(
    'S9 that have lost their goods get what is free at once',
    'announce 10 · receive 4 · grant ~presale 10 · sell A 6 presale6 · withdraw 9 · ' +
      'changes inTransit -9, available -4, allocated +4, waiting -4 · expect A.presale 1, A.waiting 2, ~presale.waiting 4',
  );
  row(
    'S7 lapse where what comes has to be put away first, and get it then',
    'announce 5 · grant ~presale 5 · sell A 5 presale5 · receive 5 arrived5 unput · ' +
      'changes inTransit -5, onHand +5, blocked +5 · expect A.presale 0 · ' +
      'putback 5 · changes blocked -5, allocated +5, waiting -5',
  );
  row(
    'S2 come back, those with nothing behind them first',
    'announce 10 · grant ~presale 10 · receive 4 arrived4 · changes inTransit -4, onHand +4, granted +4, waiting -4 · ' +
      'regain ~presale 7 · changes granted -1, available +1, waiting -6 · expect ~presale.hard 3',
  );
  row(
    'S7 are not taken for less than they are by a cancel of a part',
    'announce 10 · grant ~presale 5 · receive 4 · grant 4 · sell A 7 presale3 · ' +
      'changes granted -4, allocated +4 · expect A.waiting 3, A.presale 3 · cancel A 2 · changes waiting -2 · expect A.presale 1',
  );
  row(
    'S7 that a restored home finds to be out have what is in transit, then what is there',
    'announce 3 · receive 4 · safety 2 · grant ~presale 9 backorder · ' +
      'changes granted +4, available -2, safetyHeld -2, waiting +5 · expect ~presale.presale 3, ~presale.waiting 5',
  );
});

describe('a sale of what is nowhere yet', () => {
  row(
    'S7 waits, and gets what comes next',
    'announce 1 · withdraw 1 · sell A 4 oversell4 · changes waiting +4 · receive 3 · changes onHand +3, allocated +3, waiting -3',
  );
  row(
    'S9 takes nothing of what is there for others, and its turn of what comes',
    'receive 3 · sell A 4 oversell4 · changes waiting +4 · receive 2 · changes onHand +2, allocated +2, waiting -2 · ' +
      'adjust +1 · changes onHand +1, allocated +1, waiting -1 · expect A.oversell 1',
  );
  row(
    'S9 is served in its turn, with those who wait for any',
    'announce 1 · withdraw 1 · sell A 2 oversell2 · reserve B 2 backorder · receive 3 · ' +
      'expect A.waiting 0, B.waiting 1 · cancel B · receive 2 · grant 2 · sell C 3 oversell3 · regain 2 · ' +
      'changes granted -2, available +2 · expect C.waiting 3',
  );
  row(
    'S3 is one hold with the rest of its line',
    'receive 3 · grant 3 · announce 2 · grant ~presale 2 · sell A 9 presale2 oversell4 · ' +
      'changes granted -3, allocated +3, waiting +4 · expect A.waiting 6, A.presale 2',
  );
});
