/** nats-server's sync_interval: its default, and what a single server needs to survive a power cut. */
export const UNSYNCED = '2m';
export const SYNCED = 'always';
