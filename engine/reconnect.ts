/** Of every connection to NATS: it comes back by itself for ever. By default nats.js gives up after ten tries. */
export const RECONNECT = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  reconnectJitter: 100,
  pingInterval: 5_000,
  maxPingOut: 2,
} as const;
