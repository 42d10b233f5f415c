import type { DocumentLineMessage, Message } from '../../client/messages.ts';
import { type Floor, until } from './floor.ts';

/** What the day handles. */
export const SKUS = ['TEA', 'MUG', 'LAMP'] as const;

const DAY_MS = 86_400_000;

/**
 * A working day in two warehouses, by scanner frames alone: goods come in, are put away,
 * sold, moved to the other warehouse, counted, inspected, returned and recalled.
 */
export async function workDay(w1: Floor, w2: Floor, nowMs: number): Promise<void> {
  await comeIn(w1, nowMs);
  await goOut(w1);
  await toTheOther(w1, w2);
  await count(w1);
  await comeBack(w1);
  await recall(w1);
}

async function comeIn(w1: Floor, nowMs: number): Promise<void> {
  const doc = 'PO-7001';
  const lines = [
    { sku: 'TEA', qty: 48 },
    { sku: 'MUG', qty: 20 },
    { sku: 'LAMP', qty: 3 },
  ];
  await w1.scan(
    'A supplier announces goods',
    { op: 'asn.announce', doc, lines, untilPutaway: true },
    'announced',
  );
  await w1.scan('They are on their way', { op: 'asn.depart', doc }, 'inTransit');
  await w1.scan('The lorry is at the gate', { op: 'asn.arrive', doc }, 'arrived');
  const batch = (name: string, days: number) => ({
    ...{ batch: name, expiresAt: nowMs + days * DAY_MS, sellUntil: nowMs + (days - 3) * DAY_MS },
  });
  const first = [{ line: '1', qty: 24, ...batch('L1', 30) }];
  await w1.scan('24 tea of batch L1', { op: 'asn.receive', doc, lines: first }, 'receiving');
  const second = [{ line: '1', qty: 22, ...batch('L2', 60) }];
  await w1.scan(
    '22 of batch L2: two are missing',
    { op: 'asn.receive', doc, lines: second },
    'receiving',
  );
  const more = [{ line: '1', qty: 9, batch: 'L2' }];
  await w1.scan(
    'Nine more than was announced',
    { op: 'asn.receive', doc, lines: more },
    'over_receipt',
  );
  const mugs = [{ line: '2', qty: 19 }];
  await w1.scan('19 mugs', { op: 'asn.receive', doc, lines: mugs }, 'receiving');
  const broken: DocumentLineMessage[] = [{ line: '2', qty: 1, quality: 'defective' }];
  await w1.scan('One mug is broken', { op: 'asn.receive', doc, lines: broken }, 'receiving');
  const lamps = [{ line: '3', serials: ['SN-1', 'SN-2', 'SN-3'] }];
  await w1.scan(
    'Three lamps, each by its serial',
    { op: 'asn.receive', doc, lines: lamps },
    'receiving',
  );
  await w1.scan(
    'A serial that is here already',
    { op: 'receive', sku: 'LAMP', qty: 1, serials: ['SN-2'] },
    'serial_seen',
  );
  const places = [
    { line: '1', qty: 24, batch: 'L1', toLocation: 'A-01' },
    { line: '1', qty: 22, batch: 'L2', toLocation: 'A-02' },
    { line: '2', qty: 19, toLocation: 'B-01' },
    { line: '3', qty: 3, serials: ['SN-1', 'SN-2', 'SN-3'], toLocation: 'C-01' },
  ];
  for (const line of places) {
    const what = `Put away to ${line.toLocation}`;
    await w1.scan(what, { op: 'asn.putaway', doc, lines: [line] }, 'receiving');
  }
  await w1.scan('The rest will not come', { op: 'asn.close', doc }, 'closed');
}

async function goOut(w1: Floor): Promise<void> {
  const doc = 'SO-881';
  const lines = [
    { sku: 'TEA', qty: 30 },
    { sku: 'MUG', qty: 4 },
    { sku: 'LAMP', qty: 1 },
  ];
  await w1.scan('A shop orders', { op: 'order.place', doc, lines }, 'allocated');
  const tooMuch: Message = { op: 'order.place', doc: 'SO-882', lines: [{ sku: 'TEA', qty: 17 }] };
  await w1.scan('Another orders more than is left', tooMuch, 'insufficient');
  await w1.scan('The order goes to the floor', { op: 'order.release', doc }, 'released');
  const wrong = [{ line: '1', qty: 24, location: 'A-09' }];
  await w1.scan(
    'The wrong shelf is scanned',
    { op: 'order.pick', doc, lines: wrong },
    'wrong_place',
  );
  const tea = [{ line: '1', qty: 30 }];
  await w1.scan(
    'Tea by expiry: all of L1, then L2',
    { op: 'order.pick', doc, container: 'TOTE-1', lines: tea },
    'picking',
  );
  const mugs = [{ line: '2', qty: 3, location: 'B-01' }];
  await w1.scan(
    'Three of four mugs are there',
    { op: 'order.pick', doc, container: 'TOTE-1', lines: mugs },
    'picking',
  );
  const missing = [{ line: '2', qty: 1, location: 'B-01' }];
  await w1.scan(
    'One is not where it should be',
    { op: 'order.short', doc, lines: missing },
    'picking',
  );
  const other = [{ line: '2', qty: 1, location: 'B-01' }];
  await w1.scan(
    'Another one is',
    { op: 'order.pick', doc, container: 'TOTE-1', lines: other },
    'picking',
  );
  const lamp = [{ line: '3', serials: ['SN-2'] }];
  await w1.scan(
    'The lamp with serial SN-2',
    { op: 'order.pick', doc, container: 'TOTE-1', lines: lamp },
    'picked',
  );
  await w1.scan('Into a carton', { op: 'order.pack', doc, carton: 'C-1' }, 'packed');
  const shipped: Message = { op: 'order.ship', doc, carrier: 'DHL', tracking: '00340434' };
  await w1.scan('Away', shipped, 'shipped');
  await w1.scan('A late wish to cancel', { op: 'order.cancel', doc }, 'wrong_state');
}

async function toTheOther(w1: Floor, w2: Floor): Promise<void> {
  const doc = 'TR-12';
  const lines = [{ sku: 'TEA', qty: 6 }];
  await w1.scan(
    'Six tea for the other warehouse',
    { op: 'transfer.place', doc, toWarehouse: 'W2', lines },
    'placed',
  );
  await w1.scan('They leave', { op: 'transfer.dispatch', doc }, 'dispatched');
  await until(
    'the notice in W2',
    async () => (await w2.document('transfer', doc, { fromWarehouse: 'W1' })).ok,
  );
  const received = [{ line: '1', qty: 5, location: 'Z-01' }];
  await w2.scan(
    'Five arrive',
    { op: 'transfer.receive', doc, fromWarehouse: 'W1', lines: received },
    'receiving',
  );
  await w2.scan('The sixth does not', { op: 'transfer.close', doc, fromWarehouse: 'W1' }, 'closed');
  await w2.scan(
    'It is received again',
    { op: 'transfer.receive', doc, fromWarehouse: 'W1', lines: received },
    'wrong_state',
  );
  await until('what the sender is told', async () => {
    return (await w1.document('transfer', doc)).document?.status === 'settled';
  });
}

async function count(w1: Floor): Promise<void> {
  const doc = 'CC-5';
  const open: Message = {
    op: 'count.open',
    doc,
    limit: 0,
    lines: [{ sku: 'MUG', location: 'B-01' }],
  };
  await w1.scan('Mugs in B-01 are to be counted', open, 'open');
  const seen = (await w1.read('MUG')).seq ?? 0;
  await w1.scan(
    'Somebody moves two meanwhile',
    { op: 'move', sku: 'MUG', qty: 2, location: 'B-01', toLocation: 'B-02' },
    'done',
  );
  const late = [{ line: '1', qty: 15, seq: seen }];
  await w1.scan(
    'A count of the place as it was',
    { op: 'count.line', doc, lines: late },
    'line_moved',
  );
  const now = (await w1.read('MUG')).seq ?? 0;
  const counted = [{ line: '1', qty: 12, seq: now }];
  await w1.scan('Counted again: twelve', { op: 'count.line', doc, lines: counted }, 'counted');
  await w1.scan('That is less than the books say', { op: 'count.post', doc }, 'needs_approval');
  await w1.scan('A controller approves', { op: 'count.approve', doc }, 'approved');
  await w1.scan('And it is posted', { op: 'count.post', doc }, 'posted');
}

async function comeBack(w1: Floor): Promise<void> {
  const doc = 'RET-3';
  const lines = [{ sku: 'MUG', qty: 2 }];
  await w1.scan(
    'A customer sends two mugs back',
    { op: 'return.announce', doc, lines },
    'announced',
  );
  await w1.scan('They arrive', { op: 'return.arrive', doc }, 'arrived');
  const received = [{ line: '1', qty: 2, location: 'Q-01' }];
  await w1.scan('To be looked at', { op: 'return.receive', doc, lines: received }, 'received');
  await w1.scan('The return is done', { op: 'return.close', doc }, 'closed');
  const check: Message = {
    op: 'inspection.open',
    doc: 'QC-9',
    percent: 100,
    lines: [{ sku: 'MUG', qty: 2, location: 'Q-01' }],
  };
  await w1.scan('Both are inspected', check, 'open');
  const result = [{ line: '1', qty: 1, failed: 1 }];
  await w1.scan(
    'One is sound, one is not',
    { op: 'inspection.result', doc: 'QC-9', lines: result },
    'inspected',
  );
}

async function recall(w1: Floor): Promise<void> {
  const lines = [{ sku: 'TEA', batch: 'L2' }];
  await w1.scan(
    'The maker recalls batch L2',
    { op: 'batch.recall', doc: 'RC-1', reason: 'recall', lines },
    'recalled',
  );
  const more: Message = { op: 'order.place', doc: 'SO-883', lines: [{ sku: 'TEA', qty: 1 }] };
  await w1.scan('Nobody can buy it any more', more, 'insufficient');
}
