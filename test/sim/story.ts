import type { DocumentCommand } from '../../actors/documents/commands.ts';
import { stepsOf } from '../../actors/stock/commands.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './run.ts';
import type { Wanted } from './sent.ts';

const LAST_LINES = 60;

/** A failure as a person reads it: what was planned, what happened, what rule broke. */
export function story({ seed, shape, sendings, repeats, faults }: Plan, outcome: Outcome): string {
  const { nodes, clients, shards, store, sync, limits } = shape;
  const planned = [
    ...faults.map(({ atMs, ...fault }) => ({ atMs, text: `fault ${JSON.stringify(fault)}` })),
    ...sendings.map(({ atMs, client, wishes }) => ({
      atMs,
      text: `c${client} ${wishes.map((w) => wordsOf(w.command) + (w.decided ? ' decided' : '')).join(', ')}`,
    })),
    ...repeats.map(({ atMs, client, of, other }) => ({
      atMs,
      text: `c${client} again #${of}${other === undefined ? '' : ` as ${wordsOf(other)}`}`,
    })),
  ];
  const shaped =
    `${nodes.length} nodes, ${clients} clients, ${shards} shards, ` +
    `${store} snapshots, sync ${sync}, ${JSON.stringify(limits)}`;
  return told(seed, shaped, planned, outcome);
}

/** The rule that broke, what was planned by time, and the end of what happened. */
export function told(
  seed: number,
  shaped: string,
  planned: readonly { readonly atMs: number; readonly text: string }[],
  outcome: Outcome,
): string {
  const byTime = [...planned].sort((a, b) => a.atMs - b.atMs);
  return [
    `seed ${seed}: ${outcome.failure?.rule}: ${outcome.failure?.what}`,
    `shortest found: ${shaped}`,
    ...byTime.map(({ atMs, text }) => `  ${atMs.toFixed(0).padStart(6)} ${text}`),
    'what happened:',
    ...outcome.trace.slice(-LAST_LINES).map((line) => `  ${line}`),
  ].join('\n');
}

function wordsOf(command: Wanted): string {
  if (command.op === 'all') return `all[${command.commands.map(wordsOf).join('; ')}]`;
  if (command.op === 'document') return actOf(command);
  if (command.op === 'readDocument' || command.op === 'read')
    return `${command.strict ? 'strict ' : ''}read ${command.key}`;
  if (command.op === 'each') return `each[${stepsOf(command).map(wordsOf).join('; ')}]`;
  const { op, key, qty, delta, hold, ttlMs } = command;
  const parts = [qty && `qty ${qty}`, delta && `delta ${delta}`, ttlMs && `ttl ${ttlMs}`, hold];
  return [op, key, ...parts.filter(Boolean)].join(' ');
}

function actOf({ act, key, step, lines }: DocumentCommand): string {
  const told = lines.map(({ line, sku, qty, quality }) => `${line}:${sku}*${qty}~${quality}`);
  return [act, key, ...told, step && `step ${step}`].filter(Boolean).join(' ');
}
