/**
 * Runs what a message asks for. An error that leaves a callback of the NATS
 * client ends its reading for good, so a message that cannot be read, from
 * another version say, is passed over.
 */
export function carefully(work: () => void | Promise<void>): void {
  (async () => work())().catch(() => {});
}
