import { readFileSync } from 'node:fs';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODES } from '../../actors/outcomes.ts';
import { CLOSE } from '../../gateway/session.ts';
import { SHAPES } from '../../gateway/shapes.ts';
import { DOORS, TestNode } from '../support/node.ts';
import { Wire } from '../support/wire.ts';

const page = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');

/** Lines inside fences of one kind, over the whole page. */
const linesOf = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'gm'))].flatMap((fence) =>
    (fence[1] as string).trim().split('\n'),
  );

/** `…` stands for fields that are not shown. */
const shown = (text: string): unknown => JSON.parse(text.replaceAll(/,?…(?=[}\]])/g, ''));

describe.each(DOORS)('the examples of docs/PROTOCOL.md, through the door %s', (door) => {
  let node: TestNode;
  let token: string;
  beforeAll(async () => {
    node = await TestNode.start({ door });
    token = await node.token({ client: 'floor', roles: ['floor', 'controller'] });
  });
  afterAll(() => node.stop());

  it('frames are answered as shown, in one session from top to bottom', async () => {
    const wire = await Wire.dial(node);
    const lines = linesOf('wscat');
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) {
      if (line.startsWith('> ')) wire.sendRaw(line.slice(2).replace('TOKEN', token));
      else expect(await wire.next(), line).toMatchObject(shown(line.slice(2)) as object);
    }
    expect(wire.waiting).toBe(0);
    await wire.end();
  });

  it('NATS requests are answered as shown', async () => {
    const lines = linesOf('nats');
    expect(lines.length).toBeGreaterThan(7);
    for (let i = 0; i < lines.length; i += 2) {
      const [, subject, options, body] = /^\$ nats req (\S+) (.*)'(.*)'$/.exec(
        lines[i] as string,
      ) as unknown as string[];
      const head = headers();
      for (const [, name, value] of (options as string).matchAll(/-H ([\w-]+):(\S+)/g)) {
        head.set(name as string, (value as string).replace('TOKEN', token));
      }
      const reply = await node.nats.request(subject as string, body, {
        headers: head,
        timeout: 5_000,
      });
      expect(reply.json(), lines[i]).toMatchObject(shown(lines[i + 1] as string) as object);
    }
  });
});

describe('docs/PROTOCOL.md', () => {
  it('has every op, and no code that there is not', () => {
    const ops = [...Object.keys(SHAPES), 'read', 'all', 'watch', 'unwatch'];
    for (const op of ops) expect(page).toContain(`\`${op}\``);
    const named = [...page.matchAll(/^< .*"code":"(\w+)"/gm)].map(([, code]) => code);
    expect(named.filter((code) => !CODES.some((known) => known === code))).toEqual([]);
  });

  it('has every code with which a session is closed', () => {
    for (const code of Object.values(CLOSE))
      expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });

  it('refers to headings that it has', () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      (heading as string)
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor] of page.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
  });
});
