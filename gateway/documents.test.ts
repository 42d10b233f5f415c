import { describe, expect, it } from 'vitest';
import { Floor } from '../test/support/documents.ts';
import type { Identity, Role } from './auth.ts';
import { toldTo } from './blind.ts';
import { parse } from './parse.ts';

const who = (...roles: Role[]): Identity => ({
  ...{ client: 'dock-1', owners: ['demo', 'acme'], warehouses: ['W1', 'W2'], roles },
  expiresAtMs: Number.POSITIVE_INFINITY,
});
const CONTROLLER = who('controller');

/** What the edge makes of an act in W1. */
const parsed = (op: string, v: object) =>
  parse({ op, doc: 'D1', ...v }, CONTROLLER, { owner: 'demo', warehouse: 'W1' });

function refusal(op: string, v: object): string {
  const command = parsed(op, v);
  return 'ok' in command ? `${command.code} ${command.line} ${command.detail}` : 'accepted';
}

describe('an act at the edge', () => {
  it.each(['ownership.transfer', 'return.claim'])('%s gives to owners of the token only', (op) => {
    const lines = [{ sku: 'TEA', qty: 1 }];
    expect(refusal(op, { lines, toOwner: 'acme' })).toBe('accepted');
    expect(refusal(op, { lines, toOwner: 'other' })).toBe('forbidden -1 owner other');
  });

  it('count.line says what was counted, nothing too', () => {
    expect(refusal('count.line', { lines: [{ qty: 0 }] })).toBe('accepted');
    expect(refusal('count.line', { lines: [{ qty: 3 }, { line: '2' }] })).toMatch(
      /^bad_field 1 qty: what was counted/,
    );
  });

  it('names a serial for each unit, where it names any', () => {
    const serials = ['S1', 'S2'];
    expect(refusal('order.place', { lines: [{ sku: 'TEA', serials }] })).toBe('accepted');
    expect(refusal('order.place', { lines: [{ sku: 'TEA', serials, qty: 3 }] })).toBe(
      'bad_field 0 serials: one for each unit',
    );
  });

  it.each(['transfer.receive', 'transfer.close'])('%s says whose number it is', (op) => {
    expect(refusal(op, {})).toMatch(/^bad_field -1 fromWarehouse/);
    expect(parsed(op, { fromWarehouse: 'W2' })).toMatchObject({
      key: 'demo/transfer:W2/D1@W1',
    });
  });

  it('names a transfer’s own end where it does not arrive', () => {
    const own = { key: 'demo/transfer/D1@W1' };
    const from = { fromWarehouse: 'W2' };
    expect(parsed('transfer.dispatch', from)).toMatchObject(own);
    expect(parsed('transfer.read', {})).toMatchObject(own);
    expect(parsed('transfer.read', from)).toMatchObject({ key: 'demo/transfer:W2/D1@W1' });
    expect(parsed('order.read', from)).toMatchObject({ key: 'demo/order/D1@W1' });
  });
});

describe('a blind count, read', () => {
  /** The names of a counted line's fields that this caller is told. */
  function told(roles: Role[], ...flags: string[]): string[] {
    const floor = new Floor();
    floor.walk(`receive MUG 5 · count.open K1 1:MUG ${flags.join(' ')} · count.line K1 1*4^9`);
    const document = floor.state('count', 'K1');
    const answer = toldTo(who(...roles), { ok: true, kind: 'seenDocument', document });
    if (!answer.ok || answer.kind !== 'seenDocument') return expect.fail('not a document');
    expect(floor.state('count', 'K1').lines[0]).toMatchObject({ book: 5, variance: -1 });
    return Object.keys(answer.document.lines[0] ?? {});
  }
  const BOOKS = ['book', 'missing', 'variance'];

  it('tells the floor what was counted, and not the books', () => {
    const names = told(['floor'], 'blind');
    expect(names).toContain('counted');
    for (const name of BOOKS) expect(names).not.toContain(name);
  });

  it.each<Role[]>([['controller'], ['admin'], ['floor', 'controller'], ['viewer']])(
    'tells all to %s',
    (...roles) => expect(told(roles, 'blind')).toEqual(expect.arrayContaining(BOOKS)),
  );

  it('tells all to the floor where it is not blind', () => {
    expect(told(['floor'])).toEqual(expect.arrayContaining(BOOKS));
  });
});
