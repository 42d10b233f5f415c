import { describe, expect, it } from 'vitest';
import { refuse } from '../actors/outcomes.ts';
import { firstRefusal, numberOf, parseEnvelope } from './envelope.ts';

describe('the envelope of a command', () => {
  it('may be left out', () => {
    expect(parseEnvelope({})).toEqual({ n: 0, acked: 0, decided: false });
  });

  it('says the number, what was read, and what to wait for', () => {
    const said = parseEnvelope({ n: 7, acked: 5, ack: 'decided' });
    expect(said).toEqual({ n: 7, acked: 5, decided: true });
    expect(parseEnvelope({ ack: 'committed' })).toMatchObject({ decided: false });
  });

  it.each<[string, unknown[]]>([
    ['n', [0, -1, 1.5, 2 ** 53, '7', null, [7], {}, true]],
    ['acked', [0, -1, 1.5, 2 ** 53, '7', null, [7], {}, true]],
    ['ack', ['', 'Decided', true, null, {}, []]],
  ])('%s is checked', (name, values) => {
    for (const value of values) {
      expect(parseEnvelope({ [name]: value })).toMatchObject({
        code: 'bad_field',
        detail: expect.stringMatching(`^${name}: `),
      });
    }
  });

  it('gives its number to a refusal, if it has one', () => {
    expect([{ n: 7 }, { n: 0 }, { n: '7' }, {}].map(numberOf)).toEqual([7, 0, 0, 0]);
  });
});

describe('S8 of several refusals', () => {
  it('the first one of the catalogue is told, of equals the first found', () => {
    const [field, qty, op] = [refuse('bad_field'), refuse('bad_qty'), refuse('unknown_op')];
    expect(firstRefusal(qty, field)).toBe(field);
    expect(firstRefusal(field, qty, op)).toBe(op);
    expect(firstRefusal(field, refuse('bad_field'))).toBe(field);
    expect(firstRefusal({}, { ok: true }, qty)).toBe(qty);
    expect(firstRefusal({}, { n: 1 })).toBeUndefined();
  });
});
