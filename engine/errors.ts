/**
 * The shard must not go on: its records contradict each other or are not
 * there. Says what is damaged and what a person can do.
 */
export class ShardStopped extends Error {
  override readonly name = 'ShardStopped';
}

/** Asked to stop while a commit or a read was still open. Nothing is known of its fate. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A start that cannot go on, told in one line that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export const messageOfError = (e: unknown): string => (e instanceof Error ? e.message : String(e));

/** Nobody serves a shard just now, and nobody can be asked about it. */
export class NobodyServes extends Error {
  override readonly name = 'NobodyServes';
}
