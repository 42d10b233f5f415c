import { sleep, systemClock } from '../../../engine/clock.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { underLoad } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

/** Longer than a lease lasts, so that every clock in it has run out. */
const FROZEN_MS = LIMITS.leaseMs + 1_000;

export const KILLS: readonly Scenario[] = [
  {
    name: 'node-kill',
    what: 'SIGKILL of holdfast up: node, doors and centre at once; nats-server lives on',
    rounds: { short: 4, long: 400 },
    run: (bench) =>
      underLoad(bench, async (up) => {
        await up.kill();
        await up.restart();
      }),
  },
  {
    name: 'nats-kill',
    what: 'SIGKILL of nats-server',
    rounds: { short: 6, long: 400 },
    run: (bench) => underLoad(bench, (up) => up.killNats()),
  },
  {
    name: 'all-kill',
    what: 'SIGKILL of everything at once',
    rounds: { short: 3, long: 200 },
    run: (bench) =>
      underLoad(bench, async (up) => {
        await Promise.all([up.kill(), up.killNats()]);
        await up.restart();
      }),
  },
  {
    name: 'nats-restart',
    what: 'nats-server stopped in order and started again',
    rounds: { short: 3, long: 100 },
    run: (bench) => underLoad(bench, (up) => up.killNats('SIGTERM')),
  },
  {
    name: 'freeze',
    what: 'SIGSTOP beyond the lease, then SIGCONT: the node and nats-server by turns',
    rounds: { short: 2, long: 100 },
    run: (bench) =>
      underLoad(bench, async (up, { round }) => {
        const pid = round % 2 === 0 ? up.pid : up.natsPid;
        process.kill(pid, 'SIGSTOP');
        await sleep(systemClock, FROZEN_MS);
        process.kill(pid, 'SIGCONT');
      }),
  },
];
