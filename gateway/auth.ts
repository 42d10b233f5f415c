import { type CryptoKey, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { isText } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';

export const ROLES = ['admin', 'controller', 'floor', 'shop', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, and for what: the claims of a token. */
export interface Identity {
  readonly client: string;
  /** `*` for every one. */
  readonly owners: readonly string[];
  readonly warehouses: readonly string[];
  readonly roles: readonly Role[];
  /** When the token ends, epoch ms. */
  readonly expiresAtMs: number;
}

const ISSUER = 'holdfast';
const ALGORITHM = 'EdDSA';

/** The key pair as it lies in the data folder: two JWKs (RFC 8037, Ed25519). */
export interface KeyPair {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

/** Signs a token (JWT, RFC 7519). `lifeMs` from now. */
export async function signToken(
  keys: KeyPair,
  who: Omit<Identity, 'expiresAtMs'>,
  lifeMs: number,
): Promise<string> {
  const key = await importJWK(keys.privateKey, ALGORITHM);
  const { client, owners, warehouses, roles } = who;
  return new SignJWT({ owners, warehouses, roles })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(client)
    .setIssuer(ISSUER)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + lifeMs))
    .sign(key);
}

export interface Verifier {
  verify(token: string): Promise<Identity | Refused>;
}

export async function verifierOf(publicKey: JWK): Promise<Verifier> {
  const key = (await importJWK(publicKey, ALGORITHM)) as CryptoKey;
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer: ISSUER,
          algorithms: [ALGORITHM],
          requiredClaims: ['exp', 'sub'],
        });
        return identityOf(payload) ?? refuse('token_invalid');
      } catch (e) {
        const isOld = (e as { code?: unknown }).code === 'ERR_JWT_EXPIRED';
        return refuse(isOld ? 'token_expired' : 'token_invalid');
      }
    },
  };
}

function identityOf(claims: Record<string, unknown>): Identity | undefined {
  const { sub, owners, warehouses, roles, exp } = claims;
  if (typeof sub !== 'string' || !isText(sub) || typeof exp !== 'number') return undefined;
  if (!isTexts(owners) || !isTexts(warehouses) || !isTexts(roles)) return undefined;
  const known = roles.filter((r): r is Role => (ROLES as readonly string[]).includes(r));
  return { client: sub, owners, warehouses, roles: known, expiresAtMs: exp * 1000 };
}

const isTexts = (v: unknown): v is string[] =>
  Array.isArray(v) && v.every((x) => typeof x === 'string');

const SHOP_OPS = [
  ...['reserve', 'extend', 'harden', 'release', 'cancel'],
  ...['order.place', 'order.change', 'order.cancel', 'bundle.reserve', 'bundle.release'],
  ...['asn.announce', 'asn.cancel', 'return.announce', 'return.cancel'],
];
/** What the floor does not decide by itself: an inventory controller does. */
const CONTROL_OPS = [
  ...['adjustment.approve', 'adjustment.reject', 'count.approve'],
  ...['batch.recall', 'batch.release', 'return.claim', 'ownership.transfer', 'item.set'],
];
const LOOK_OPS = ['read', 'watch', 'unwatch'];

export function mayDo(who: Identity, op: string): boolean {
  if (who.roles.includes('admin') || who.roles.includes('controller')) return true;
  if (who.roles.includes('floor') && !CONTROL_OPS.includes(op)) return true;
  if (LOOK_OPS.includes(op)) return who.roles.length > 0;
  return who.roles.includes('shop') && SHOP_OPS.includes(op);
}

export const covers = (list: readonly string[], one: string): boolean =>
  list.includes('*') || list.includes(one);

/** Why this owner's goods in this warehouse are out of reach, or the op is. */
export function mayReach(
  who: Identity,
  owner: string,
  warehouse: string,
  op: string,
): Refused | undefined {
  if (!covers(who.owners, owner)) return refuse('forbidden', 0, -1, `owner ${owner}`);
  if (!covers(who.warehouses, warehouse)) {
    return refuse('forbidden', 0, -1, `warehouse ${warehouse}`);
  }
  return mayDo(who, op) ? undefined : refuse('forbidden', 0, -1, `op ${op}`);
}

/** Why this is out of reach for a token of some warehouses alone: it tells on all of them. */
export const mayEverywhere = (who: Identity, what: string): Refused | undefined =>
  who.warehouses.includes('*')
    ? undefined
    : refuse('forbidden', 0, -1, `${what}: for tokens of all warehouses ("*")`);

/** What stands where a command leaves its owner or warehouse out: the only one that the token names. */
export interface Defaults {
  readonly owner: string | undefined;
  readonly warehouse: string | undefined;
}

export const defaultsOf = (who: Identity): Defaults => ({
  owner: only(who.owners),
  warehouse: only(who.warehouses),
});

const only = (list: readonly string[]): string | undefined =>
  list.length === 1 && list[0] !== '*' ? list[0] : undefined;
