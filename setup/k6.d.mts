/**
 * The k6 that is here already (HOLDFAST_K6, the cache, PATH), as a path;
 * undefined if there is none of 1.8 or newer.
 * Throws SetupError if HOLDFAST_K6 names an unusable one.
 */
export function findK6(): Promise<string | undefined>;

/**
 * The same, but builds one with Go into the user's cache folder if there is none.
 * Throws SetupError if that cannot be done.
 */
export function ensureK6(): Promise<string>;
