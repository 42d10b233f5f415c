import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { STOCK_OPS } from '../actors/stock/commands.ts';
import {
  covers,
  defaultsOf,
  type Identity,
  type KeyPair,
  mayDo,
  mayEverywhere,
  ROLES,
  signToken,
  type Verifier,
  verifierOf,
} from './auth.ts';

const WHO = { client: 'dock-1', owners: ['demo'], warehouses: ['W1'], roles: ['floor'] } as const;
const HOUR_MS = 3_600_000;

let keys: KeyPair;
let verifier: Verifier;

beforeAll(async () => {
  keys = await newKeys();
  verifier = await verifierOf(keys.publicKey);
});

async function newKeys(): Promise<KeyPair> {
  const made = await generateKeyPair('EdDSA', { extractable: true });
  return {
    privateKey: await exportJWK(made.privateKey),
    publicKey: await exportJWK(made.publicKey),
  };
}

/** A token of our key with any claims at all. */
async function tokenWith(claims: JWTPayload, issuer = 'holdfast'): Promise<string> {
  const key = await importJWK(keys.privateKey, 'EdDSA');
  return new SignJWT({ iss: issuer, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(key);
}

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;
const claims = (): JWTPayload => ({
  sub: 'dock-1',
  owners: ['demo'],
  warehouses: ['W1'],
  roles: ['floor'],
  exp: inAnHour(),
});

const base64url = (v: unknown): string => Buffer.from(JSON.stringify(v)).toString('base64url');

async function codeOf(token: string): Promise<string> {
  const who = await verifier.verify(token);
  return 'ok' in who ? who.code : 'accepted';
}

describe('a token', () => {
  it('tells who asks, and for what', async () => {
    const token = await signToken(keys, WHO, HOUR_MS);
    const who = (await verifier.verify(token)) as Identity;
    expect(who).toMatchObject(WHO);
    expect(who.expiresAtMs / 1000).toBeCloseTo(Date.now() / 1000 + 3_600, -1);
  });

  it('that has run out is token_expired, whatever else is right with it', async () => {
    expect(await codeOf(await signToken(keys, WHO, -2_000))).toBe('token_expired');
  });

  it('that begins later is not taken yet', async () => {
    expect(await codeOf(await tokenWith({ ...claims(), nbf: inAnHour() }))).toBe('token_invalid');
  });

  it('of a foreign key is token_invalid', async () => {
    expect(await codeOf(await signToken(await newKeys(), WHO, HOUR_MS))).toBe('token_invalid');
  });

  it('of a foreign key is token_invalid also when it has run out', async () => {
    expect(await codeOf(await signToken(await newKeys(), WHO, -2_000))).toBe('token_invalid');
  });

  it('without a signature (alg none) is token_invalid', async () => {
    const bare = `${base64url({ alg: 'none' })}.${base64url({ iss: 'holdfast', ...claims() })}.`;
    expect(await codeOf(bare)).toBe('token_invalid');
  });

  it('signed with the public key as a secret (HS256) is token_invalid', async () => {
    const body = `${base64url({ alg: 'HS256' })}.${base64url({ iss: 'holdfast', ...claims() })}`;
    const secret = Buffer.from(keys.publicKey.x ?? '', 'base64url');
    const signature = createHmac('sha256', secret).update(body).digest('base64url');
    expect(await codeOf(`${body}.${signature}`)).toBe('token_invalid');
  });

  it('with another body under the same signature is token_invalid', async () => {
    const [head, , signature] = (await signToken(keys, WHO, HOUR_MS)).split('.');
    const grown = base64url({ iss: 'holdfast', ...claims(), owners: ['*'] });
    expect(await codeOf(`${head}.${grown}.${signature}`)).toBe('token_invalid');
  });

  it('of another issuer is token_invalid', async () => {
    expect(await codeOf(await tokenWith(claims(), 'holdfast-test'))).toBe('token_invalid');
  });

  it.each(['sub', 'exp', 'owners', 'warehouses', 'roles'])(
    'without the claim %s is token_invalid',
    async (claim) => {
      expect(await codeOf(await tokenWith(claims()))).toBe('accepted');
      expect(await codeOf(await tokenWith({ ...claims(), [claim]: undefined }))).toBe(
        'token_invalid',
      );
    },
  );

  it.each([
    ['owners', 'demo'],
    ['owners', [1]],
    ['warehouses', { W1: true }],
    ['roles', 'admin'],
    ['roles', [['admin']]],
    ['sub', ''],
    ['sub', 'a\nb'],
    ['sub', 'x'.repeat(65)],
  ])('whose claim %s is %j is token_invalid', async (claim, value) => {
    expect(await codeOf(await tokenWith({ ...claims(), [claim]: value }))).toBe('token_invalid');
  });

  it.each(['', '.', '..', 'a.b.c', 'null', '{}', 'é'.repeat(100), 'x'.repeat(8_192)])(
    'that is no token at all (%j) is token_invalid',
    async (text) => {
      expect(await codeOf(text)).toBe('token_invalid');
    },
  );

  it('gives no role that is not known', async () => {
    const token = await tokenWith({ ...claims(), roles: ['root', 'viewer', '__proto__'] });
    expect(await verifier.verify(token)).toMatchObject({ roles: ['viewer'] });
  });
});

describe('roles', () => {
  const who = (...roles: Identity['roles']): Identity => ({ ...WHO, roles, expiresAtMs: 0 });
  const changes = STOCK_OPS.filter((op) => op !== 'expire');
  const may = (...roles: Identity['roles']): string[] =>
    [...changes, 'read', 'watch', 'unwatch'].filter((op) => mayDo(who(...roles), op));

  it('admin and floor may do everything', () => {
    for (const role of ['admin', 'floor'] as const) {
      expect(may(role)).toEqual([...changes, 'read', 'watch', 'unwatch']);
    }
  });

  it('a shop may promise goods and look, but not move them', () => {
    expect(may('shop')).toEqual([
      ...['reserve', 'extend', 'harden', 'release', 'cancel'],
      ...['read', 'watch', 'unwatch'],
    ]);
  });

  it('a viewer may only look, and nobody without a role may do anything', () => {
    expect(may('viewer')).toEqual(['read', 'watch', 'unwatch']);
    expect(may()).toEqual([]);
  });

  it('add up', () => {
    expect(may('viewer', 'floor')).toEqual(may('floor'));
    expect(may(...ROLES)).toEqual(may('admin'));
  });
});

describe('what a token covers', () => {
  it('is what it names, or everything', () => {
    expect(covers(['W1', 'W2'], 'W2')).toBe(true);
    expect(covers(['W1'], 'W10')).toBe(false);
    expect(covers(['*'], 'W7')).toBe(true);
    expect(covers([], 'W1')).toBe(false);
  });

  it('is not every warehouse where it names some', () => {
    const of = (warehouses: string[]) =>
      mayEverywhere({ ...WHO, warehouses, expiresAtMs: 0 }, 'rules');
    expect(of(['W1', '*'])).toBeUndefined();
    expect(of(['W1', 'W2'])).toMatchObject({ code: 'forbidden' });
    expect(of([])).toMatchObject({ code: 'forbidden' });
  });

  it('stands where a command leaves it out, if it is only one', () => {
    const of = (owners: string[], warehouses: string[]) =>
      defaultsOf({ ...WHO, owners, warehouses, expiresAtMs: 0 });
    expect(of(['demo'], ['W1'])).toEqual({ owner: 'demo', warehouse: 'W1' });
    expect(of(['demo', 'b'], ['*'])).toEqual({ owner: undefined, warehouse: undefined });
    expect(of([], [])).toEqual({ owner: undefined, warehouse: undefined });
  });
});
