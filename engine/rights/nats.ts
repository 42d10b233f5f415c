import type { NatsConnection } from '@nats-io/transport-node';
import { Packr, Unpackr } from 'msgpackr';
import { carefully, listen } from '../peers/careful.ts';
import { homeSubject, pointSubject } from '../subjects.ts';
import type { RightsLink, ToHome, ToPoint } from './messages.ts';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** Homes and points speak over NATS; between regions, over the links of their servers. */
export function natsRights(nats: NatsConnection): RightsLink {
  const hear = <M>(subject: string, on: (message: M) => Promise<void>): (() => void) => {
    const subscription = listen(nats, subject, ({ data }) => on(unpackr.unpack(data) as M));
    return () => subscription.unsubscribe();
  };
  const say = (subject: string, message: ToHome | ToPoint): void =>
    carefully(() => nats.publish(subject, packr.pack(message)));
  return {
    toHome: (home, message) => say(homeSubject(home), message),
    toPoint: (point, message) => say(pointSubject(point), message),
    hearAtHome: (home, on) => hear(homeSubject(home), on),
    hearAtPoint: (point, on) => hear(pointSubject(point), on),
  };
}
