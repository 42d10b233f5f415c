import type { ActorKey } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { Home } from '../../actors/rights/home.ts';
import { type Down, pointOf } from '../../actors/rights/lane.ts';
import type { Clock } from '../clock.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { News, RightsLink } from './messages.ts';
import type { PointHeard, PointsHeard } from './points-heard.ts';
import type { Sharing } from './sharer.ts';
import { isAllOfHome } from './still-so.ts';

export interface HomeVoiceContext {
  readonly home: HomeName;
  readonly link: RightsLink;
  readonly clock: Clock;
  readonly points: PointsHeard;
  readonly state: () => Home | undefined;
  /** Home was restored, and a point has still to say what it has. */
  readonly isWaitingFor: (point: string) => boolean;
}

/** What a home says to points. Any of it may be lost: what a point has not confirmed is due again. */
export class HomeVoice {
  readonly #context: HomeVoiceContext;

  constructor(context: HomeVoiceContext) {
    this.#context = context;
  }

  /** `ack`: the message of the point that this answers; `''` for none. */
  say(
    point: string,
    ack: string,
    downs: readonly Down[],
    news: readonly News[] = [],
    invites: readonly ActorKey[] = [],
  ): void {
    const { link, home, clock, points, isWaitingFor, state } = this.#context;
    const peer = points.of(point);
    peer.saidMs = clock.monoMs();
    const now = state();
    const lanes = downs.flatMap((down) =>
      down.lanes.filter((lane) => now && isAllOfHome(now, down, lane)).map(({ id }) => id),
    );
    const waits = isWaitingFor(point);
    link.toPoint(point, { home, seq: peer.unsaid.sent(lanes), ack, downs, news, invites, waits });
  }

  /** To each point what is its own. */
  sayAll(downs: readonly Down[], news: Sharing['news']): void {
    const points = new Set([...downs.map(({ to }) => pointOf(to)), ...news.map(([to]) => to)]);
    for (const point of points) {
      const its = downs.filter(({ to }) => pointOf(to) === point);
      const told = news.filter(([to]) => to === point).map(([, one]) => one);
      this.say(point, '', its, told);
    }
  }

  /** What was not confirmed is due again, sooner where the point is heard; else now and then a word that home is there. */
  isDue(point: string, peer: PointHeard, nowMs: number): boolean {
    const isEager = peer.unsaid.size > 0 && this.#context.points.isHeard(point);
    return nowMs - peer.saidMs >= (isEager ? RIGHTS_LIMITS.againMs : RIGHTS_LIMITS.silentMs);
  }
}
