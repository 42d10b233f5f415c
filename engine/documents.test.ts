import { describe, expect, it } from 'vitest';
import { commandOf } from '../test/support/documents.ts';
import { FaultyJournal } from '../test/support/engine.ts';
import { pictureOf, World } from '../test/support/world.ts';
import { takeOver } from './recovery.ts';

describe('C3, D4 documents', () => {
  it('have what was done to them under an owner whose clock is behind', async () => {
    const world = new World();
    const first = await world.reign('A');
    const opened = await first.ask(commandOf('asn.announce', ['A1', '1:MUG*5']));
    await first.close();
    world.clock.setWall(-60_000);
    const second = await world.reign('B');
    const moved = await second.ask(commandOf('asn.depart', ['A1']));
    const came = await second.ask(commandOf('asn.receive', ['A1', '1:MUG*5']));
    expect([opened.said, moved.said, came.said]).toEqual(['ok', 'ok', 'ok']);
    await second.close();
    const link = new FaultyJournal(world.journal);
    const { state } = await world.clock.until(takeOver(world.recovery(link, 'C')));
    expect(pictureOf(state)).toEqual(pictureOf(second.shard.state));
    const [document] = [...state.documents.entries()].map(([, it]) => it);
    expect(document).toMatchObject({ status: 'received', seq: 3 });
  });
});
