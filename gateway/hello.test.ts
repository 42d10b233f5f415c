import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuse } from '../actors/outcomes.ts';
import type { Identity, Verifier } from './auth.ts';
import { clientName, greet } from './hello.ts';

const WHO: Identity = {
  client: 'dock',
  owners: ['demo'],
  warehouses: ['W1'],
  roles: ['floor'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};
const verifier: Verifier = {
  verify: async (token) => (token === 'good' ? WHO : refuse('token_invalid')),
};
const say = (frame: unknown) => greet(frame, verifier, 1_700_000_000_000, 'nonce');

describe('hello', () => {
  it('is answered with who it is and a session', async () => {
    expect(await say({ op: 'hello', token: 'good' })).toEqual({
      ok: true,
      who: WHO,
      ordered: false,
      caller: { client: 'dock', incarnation: expect.stringMatching(/^[0-9a-z]{8}\.nonce$/) },
    });
  });

  it('takes the names and the order that the device asks for', async () => {
    const frame = { op: 'hello', token: 'good', client: '7', incarnation: 'i', ordered: true };
    expect(await say({ ...frame, colour: 'red' })).toMatchObject({
      ordered: true,
      caller: { client: 'dock/7', incarnation: 'i' },
    });
  });

  it.each([
    [null],
    [undefined],
    [7],
    ['hello'],
    [[{ op: 'hello', token: 'good' }]],
    [{}],
    [{ op: 'Hello', token: 'good' }],
    [{ op: 'reserve', token: 'good' }],
    [new Uint8Array([1])],
  ])('comes first: %j is hello_first', async (frame) => {
    expect(await say(frame)).toMatchObject({ code: 'hello_first' });
  });

  it.each([
    [{ token: undefined }, 'token'],
    [{ token: 7 }, 'token'],
    [{ token: 'x'.repeat(8_193) }, 'token'],
    [{ client: '' }, 'client: 1 to 64 printable characters, no blank at either end'],
    [{ client: 7 }, 'client'],
    [{ client: 'a\nb' }, 'client'],
    [{ incarnation: 'x'.repeat(65) }, 'incarnation'],
    [{ incarnation: null }, 'incarnation'],
    [{ ordered: 'yes' }, 'ordered'],
  ])('with %j is bad_field', async (wrong, said) => {
    const refused = await say({ op: 'hello', token: 'good', ...wrong });
    expect(refused).toMatchObject({ code: 'bad_field', detail: expect.stringContaining(said) });
  });

  it('S8 tells of a bad token only when the frame is in order', async () => {
    expect(await say({ op: 'hello', token: 'bad' })).toMatchObject({ code: 'token_invalid' });
    expect(await say({ op: 'hello', token: 'bad', client: 7 })).toMatchObject({
      code: 'bad_field',
    });
  });
});

describe('the name of a session', () => {
  it('is the token’s, and behind it the device’s own', () => {
    expect(clientName(WHO, undefined)).toBe('dock');
    expect(clientName(WHO, 'dock')).toBe('dock');
    expect(clientName(WHO, '7')).toBe('dock/7');
  });

  it('is never one of another token’s client', () => {
    const text = fc.oneof(
      fc.constantFrom('a', 'a/b', 'a/b/c', 'b', 'b/c', '/', '%2F', 'a%2Fb', 'a%', '%', '//'),
      fc.stringMatching(/^[ab/%2F]{1,6}$/),
    );
    const said = fc.option(text, { nil: undefined });
    fc.assert(
      fc.property(text, said, text, said, (one, oneSaid, other, otherSaid) => {
        if (one === other) return;
        const name = clientName({ ...WHO, client: one }, oneSaid);
        expect(name).not.toBe(clientName({ ...WHO, client: other }, otherSaid));
      }),
      { numRuns: 5_000 },
    );
  });
});
