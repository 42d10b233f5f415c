import type { NatsConnection } from '@nats-io/transport-node';
import type { OwnerId } from '../../actors/ids.ts';
import { carefully, listen } from '../peers/careful.ts';
import { SCHEDULE_ASK, SCHEDULE_SOLD, scheduleSubject } from '../subjects.ts';
import type { SchedulingLink, SoldReport, UsualNews } from './messages.ts';

const ASK_MS = 2_000;
/** In one report, so that it fits a message: each may have hundreds of channels. */
const OWNERS = 100;

/** Nodes and the scheduler speak over NATS; between regions, over the links of their servers. */
export const natsScheduling = (
  nats: NatsConnection,
  who: Pick<SoldReport, 'region' | 'run'>,
): SchedulingLink => ({
  async ask(home) {
    try {
      await nats.request(SCHEDULE_ASK, JSON.stringify({ home }), { timeout: ASK_MS });
      return true;
    } catch {
      return false;
    }
  },
  hear(home, on) {
    const subscription = listen(nats, scheduleSubject(home), (message) => {
      if (on(message.json<UsualNews>())) message.respond();
    });
    return () => subscription.unsubscribe();
  },
  report(sold) {
    const owners = Object.entries(sold) as [OwnerId, SoldReport['sold'][OwnerId]][];
    for (let i = 0; i < owners.length; i += OWNERS) {
      const some = Object.fromEntries(owners.slice(i, i + OWNERS)) as SoldReport['sold'];
      const report: SoldReport = { ...who, sold: some };
      carefully(() => nats.publish(SCHEDULE_SOLD, JSON.stringify(report)));
    }
  },
});
