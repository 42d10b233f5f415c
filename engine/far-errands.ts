import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Packr, Unpackr } from 'msgpackr';
import type { ShardCommand } from '../actors/command.ts';
import { refuse } from '../actors/outcomes.ts';
import { askOf } from './asking.ts';
import { LIMITS } from './limits.ts';
import type { Ask } from './mailbox.ts';
import { listen } from './peers/careful.ts';
import type { Router } from './router.ts';
import type { Answer } from './settled.ts';
import { errandSubject } from './subjects.ts';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/**
 * Errands of transfers whose ends are in two regions go over the links by NATS
 * request. While a link is cut the answer is `unknown`, and the courier asks again.
 */
export class FarErrands {
  readonly #nats: NatsConnection;
  readonly #router: Router;
  readonly #subscription: Subscription;

  constructor(nats: NatsConnection, region: string, router: Router) {
    this.#nats = nats;
    this.#router = router;
    const take = (message: Msg): Promise<void> => this.#take(message);
    this.#subscription = listen(nats, errandSubject(region), take, `holdfast-${region}`);
  }

  /** Here, or in the region that has the warehouse. */
  submit(ask: Ask): void {
    const { command } = ask;
    const region =
      'warehouse' in command ? this.#router.otherRegionOf(command.warehouse) : undefined;
    if (region === undefined) this.#router.submit(ask);
    else void this.#send(region, ask);
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }

  async #send(region: string, ask: Ask): Promise<void> {
    let answer: Answer;
    try {
      const bytes = packr.pack(ask.command);
      const timeout = LIMITS.forwardMs;
      const said = await this.#nats.request(errandSubject(region), bytes, { timeout });
      answer = unpackr.unpack(said.data) as Answer;
    } catch {
      answer = refuse('unknown');
    }
    ask.answer(answer, true);
  }

  async #take(message: Msg): Promise<void> {
    const answer = await askOf(this.#router, unpackr.unpack(message.data) as ShardCommand);
    message.respond(packr.pack(answer));
  }
}
