/** One deliberate bug: texts of the compiled program and what stands there instead. Each text is there once. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly {
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
}

export const one = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  edits: [{ file, find, replace }],
});

/** Reads the journal, and appends the owner record wherever the journal has got to by then. */
const READ_FIRST = `
  if (last !== undefined) {
    const early = await replay(context, head, last.seq, watermark);
    const now = await insist(context, () => context.journal.last());
    const late = seal(context.shard, openStored(context.shard, now), openStored(context.shard, now).epoch + 1,
      timeAfter(context, openStored(context.shard, now)),
      { kind: 'owner', node: context.node, nonce: context.nonce() });
    const fate = await commit(context, late, now.seq);
    if (fate.kind === 'committed') return { ...early, head: late.head, seq: fate.seq };
    continue;
  }
  const fate = await commit(context, owner, 0);`;

export const MUTANTS: readonly Mutant[] = [
  one(
    'reply before commit',
    'engine/turn.js',
    'if (ask.decided)\n            ask.answer(answer, false);',
    'ask.answer(answer, true);',
  ),
  one(
    'no expected sequence',
    'engine/commit.js',
    'journal.append(record.bytes, record.hash, expected)',
    'journal.append(record.bytes, record.hash, undefined)',
  ),
  one(
    'owner record after reading',
    'engine/recovery.js',
    'const fate = await commit(context, owner, last?.seq ?? 0);',
    READ_FIRST,
  ),
  one(
    'no nonce, no name in the owner record',
    'engine/recovery.js',
    'node: context.node,\n            nonce: context.nonce(),',
    "node: '',\n            nonce: '',",
  ),
  one('epoch not raised', 'engine/recovery.js', 'head.epoch + 1', 'Math.max(1, head.epoch)'),
  one(
    'unknown taken for committed',
    'engine/commit.js',
    "case 'unknown':\n                break;",
    "case 'unknown':\n                return { kind: 'committed', seq: expected + 1 };",
  ),
  one(
    'lost taken for nothing: goes on with its memory',
    'engine/shard.js',
    "if (fate.kind !== 'committed')\n            return false;",
    "if (fate.kind === 'lost') return true;\n        if (fate.kind !== 'committed') return false;",
  ),
  one(
    'duplicate believed without reading back',
    'engine/commit.js',
    'const fate = await believe(context, record, reply.seq);',
    "const fate = { kind: 'committed', seq: reply.seq };",
  ),
  {
    name: 'snapshot of what is not committed, used unnamed',
    edits: [
      {
        file: 'engine/shard.js',
        find: 'const fate = await this.#fateOf(record);',
        replace: `snapshots.step(this.#state, record.head, this.#seq + 1, this.#context.clock);
        const fate = await this.#fateOf(record);`,
      },
      {
        file: 'engine/recovery.js',
        find: 'if (loaded !== undefined && named === undefined)\n        return undefined;',
        replace: '',
      },
      {
        file: 'engine/recovery.js',
        find: 'named?.digest !== loaded.digest',
        replace: 'named !== undefined && named.digest !== loaded.digest',
      },
    ],
  },
  one(
    'digest of a snapshot unchecked',
    'engine/recovery.js',
    'named?.digest !== loaded.digest',
    'named === undefined',
  ),
  one(
    'snapshot without sessions: retries forgotten at failover',
    'engine/snapshots/snapshot.js',
    'for (const [s, lastMs] of sessions)\n        yield piece({ sessions: [sessionLine(s, lastMs)] });',
    '',
  ),
  one(
    'same number with other content unchecked',
    'engine/sessions.js',
    'known.fingerprint === fingerprint ? known.settled',
    'known !== undefined ? known.settled',
  ),
  one(
    'forgotten numbers taken for new',
    'engine/sessions.js',
    "if (n <= session.floor)\n            return refuse('number_too_old');",
    '',
  ),
  one(
    'sessions forgotten by the clock of the node, not by records',
    'engine/shard.js',
    'sessions.recall(caller, n, fingerprint, timeMs)',
    'sessions.recall(caller, n, fingerprint, nowMs)',
  ),
  {
    name: 'a snapshot of what is decided and not committed',
    edits: [
      {
        file: 'engine/shard.js',
        find: 'this.#ahead === undefined && !(await this.#stepSnapshot())',
        replace: '!(await this.#stepSnapshot())',
      },
      {
        file: 'engine/shard.js',
        find: 'isWaiting || this.#context.snapshots.needsQuiet',
        replace: 'isWaiting',
      },
    ],
  },
  one(
    'what is decided ahead is answered with the turn before it',
    'engine/shard.js',
    'this.#answer(turn, commands > 0);',
    'this.#answer(turn, commands > 0);\n        for (const { ask, answer } of this.#ahead?.replies.splice(0) ?? []) ask.answer(answer, true);',
  ),
  {
    name: 'reads without a lease',
    edits: [
      {
        file: 'engine/shard.js',
        find: 'turn.replies.length > 0 && !this.#context.lease.valid',
        replace: 'false',
      },
      {
        file: 'engine/shard.js',
        find: 'this.#context.lease.valid || turn.needsFence',
        replace: 'true || turn.needsFence',
      },
    ],
  },
  one(
    'trimmed beyond the snapshot before',
    'engine/snapshots/duty.js',
    'Math.min(previous.name.fromSeq, safe.name.fromSeq)',
    'this.#readSeq',
  ),
  one(
    'trimmed beyond what the centre has read',
    'engine/snapshots/duty.js',
    'seq <= this.#readSeq',
    'seq > 0',
  ),
  one('all-or-nothing without undo', 'actors/stock/stockroom.js', 'this.#revert(done);', ''),
  one(
    'expiry ignores an extension',
    'actors/stock/decide.js',
    'const due = dueUnits(hold, nowMs);',
    'const due = softUnits(hold);',
  ),
  one(
    'newest command first',
    'engine/mailbox.js',
    'this.#asks.push(ask);',
    'const before = this.#asks.drain(); this.#asks.push(ask); for (const one of before) this.#asks.push(one);',
  ),
  one(
    'answers without a place in the journal for refusals',
    'engine/shard.js',
    'if (n > 0 || isNews(outcome))',
    'if (isNews(outcome))',
  ),
  one(
    'holds end a second before their time',
    'actors/stock/decide.js',
    'const due = dueUnits(hold, nowMs);',
    'const due = dueUnits(hold, nowMs + 1_000);',
  ),
  {
    name: 'the centre merges by adding',
    edits: [
      {
        file: 'oms/availability.js',
        find: 'change.isPlain && figures.step',
        replace: 'false && figures.step',
      },
      {
        file: 'oms/availability.js',
        find: 'figures.set(id, seq, after);',
        replace:
          'const had = figures.balances(id); figures.set(id, seq, after.map((v, i) => v + (had[i] ?? 0)));',
      },
    ],
  },
  one(
    'the watermark of the centre moves before its rows',
    'oms/history.js',
    'const { lines } = await store.write(chunk);',
    'this.#durable = chunk.to;\n                const { lines } = await store.write(chunk);',
  ),
  {
    name: 'the centre believes whatever a consumer brings',
    edits: [
      {
        file: 'oms/reader.js',
        find: "import { verifiedHead } from '../engine/chain.js';",
        replace: "import { openHead } from '../engine/record-reader.js';",
      },
      {
        file: 'oms/reader.js',
        find: 'verifiedHead(shard, message, this.#position)',
        replace: 'openHead(message.bytes)',
      },
    ],
  },
  one(
    'the centre writes records that memory has not checked',
    'oms/history.js',
    'if (await merged(arrived.at(-1).record.number))',
    'if (true)',
  ),
  one(
    'the centre takes a write that failed for written',
    'oms/history.js',
    'this.#trouble = messageOfError(e);',
    'this.#trouble = messageOfError(e);\n                return true;',
  ),
  one(
    'the courier tells what is decided and not committed',
    'engine/shard.js',
    'turn.errands.push(errand);',
    'this.#context.onErrand(errand);',
  ),
  one(
    'the other end counts as told before it has accepted',
    'engine/courier.js',
    'if (answer.ok)\n                break;',
    'break;',
  ),
  one(
    'a takeover forgets what documents have not told',
    'engine/open-shard.js',
    'if (errand !== undefined)\n            context.onErrand(errand);',
    '',
  ),
  one(
    'a step is done as often as it is sent',
    'actors/documents/machines.js',
    "c.step !== '' && state.steps.includes(c.step)",
    'false',
  ),
  one(
    'an act that is refused leaves the steps before',
    'actors/documents/documents.js',
    'stockroom.runSteps(planned.steps, nowMs);',
    `(() => {
            const changes = [];
            for (const [line, step] of planned.steps.entries()) {
                const one = stockroom.run(step, nowMs);
                if (!one.ok) return { ...one, line };
                changes.push(...one.changes);
            }
            return { ok: true, changes };
        })();`,
  ),
  one(
    'documents left out of snapshots',
    'engine/snapshots/snapshot.js',
    'yield piece({ documents: [document] });',
    ';',
  ),
  one(
    'documents by the clock of the node, not by records',
    'engine/shard.js',
    'isStockOnly(command) ? nowMs : this.#timeOf(nowMs);',
    'nowMs;',
  ),
  one(
    'the undo of lots does not put pins back',
    'actors/stock/undo.js',
    'detail.putPins(id, pinned);',
    ';',
  ),
  one(
    'the time of a batch forgotten at a takeover',
    'engine/state.js',
    'this.#watchBatch(key, name, batch);',
    ';',
  ),
  one(
    'a batch that is kept, and later receipts of it are not',
    'actors/stock/goods.js',
    "if (!maySell(state, c.quality, name))\n        return refuse('batch_kept');\n    if (isNameless",
    'if (isNameless',
  ),
  one(
    'an order goes on with the figures that it had',
    'actors/documents/order-work.js',
    'change(live(o.id, line, look))',
    'change(line)',
  ),
  one(
    'a settled transfer forgets what was lost',
    'actors/documents/transfer-source.js',
    'Math.max(parcel.lost, one?.ask.failed ?? 0)',
    'parcel.lost',
  ),
];
