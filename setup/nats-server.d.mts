/** What a person can put right; its message says how in one line. */
export class SetupError extends Error {}

/**
 * The nats-server that is here already (HOLDFAST_NATS_SERVER, the cache, PATH),
 * as a path; undefined if there is none of 2.12 or newer.
 * Throws SetupError if HOLDFAST_NATS_SERVER names an unusable one.
 */
export function findNatsServer(): Promise<string | undefined>;

/**
 * The same, but fetches one into the user's cache folder if there is none.
 * Throws SetupError if that cannot be done.
 */
export function ensureNatsServer(): Promise<string>;
