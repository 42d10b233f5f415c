import type { NatsConnection } from '@nats-io/transport-node';
import type { Wire } from '../../rules/sync/wire.ts';
import { listen } from '../peers/careful.ts';
import { RULES_HELLO, rulesPeerSubject } from '../subjects.ts';

/** Nodes of all regions that links reach, over NATS. */
export const natsWire = (nats: NatsConnection): Wire => ({
  shout: (bytes) => publish(nats, RULES_HELLO, bytes),
  tell: (peer, bytes) => publish(nats, rulesPeerSubject(peer), bytes),
  hear(peer, hear) {
    const subjects = [RULES_HELLO, rulesPeerSubject(peer)];
    const heard = subjects.map((subject) => listen(nats, subject, ({ data }) => hear(data)));
    return () => {
      for (const one of heard) one.unsubscribe();
    };
  },
});

/** What a connection that is being closed does not take is lost, as on any wire. */
function publish(nats: NatsConnection, subject: string, bytes: Uint8Array): void {
  if (!nats.isClosed() && !nats.isDraining()) nats.publish(subject, bytes);
}
