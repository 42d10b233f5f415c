import { describe, expect, it } from 'vitest';
import { type Frame, Links } from './link.ts';

/** One node, what became of it, and what it says. */
class Node {
  readonly told: string[] = [];
  readonly links: Links;
  readonly #name: string;
  #lives = 0;

  constructor(name: string) {
    this.#name = name;
    this.links = new Links(name, () => `${name}${++this.#lives}`, {
      onUp: (peer) => this.told.push(`up ${peer}`),
      onDown: (peer) => this.told.push(`down ${peer}`),
      onMessage: (peer, bytes) => this.told.push(`${peer} ${Buffer.from(bytes).toString()}`),
    });
  }

  hello(to: Node, atMs = 0): boolean {
    return to.links.hearHello(this.links.hello(), atMs);
  }

  frames(to: Node, text: string): Frame[] {
    return this.links.framesFor(to.#name, Buffer.from(text));
  }

  say(to: Node, text: string): void {
    for (const frame of this.frames(to, text)) to.links.hearFrame(frame, 0);
  }
}

function met(): [Node, Node] {
  const [a, b] = [new Node('a'), new Node('b')];
  expect(a.hello(b)).toBe(true);
  expect(b.hello(a)).toBe(true);
  expect(a.hello(b)).toBe(false);
  expect([a.told.splice(0), b.told.splice(0)]).toEqual([['up b'], ['up a']]);
  return [a, b];
}

describe('P1 a link', () => {
  it('gives every message once, in order', () => {
    const [a, b] = met();
    const [one] = a.frames(b, 'one') as [Frame];
    const [two] = a.frames(b, 'two') as [Frame];
    for (const frame of [one, one, two, one]) b.links.hearFrame(frame, 0);
    expect(b.told).toEqual(['a one', 'a two']);
  });

  it('joins the parts of a message that is too large for one', () => {
    const [a, b] = met();
    const text = 'x'.repeat(600_000);
    expect(a.frames(b, text)).toHaveLength(3);
    const [c, d] = met();
    c.say(d, text);
    c.say(d, 'next');
    expect(d.told).toEqual([`a ${text}`, 'a next']);
  });

  it('begins anew at both ends where a message is missing', () => {
    const [a, b] = met();
    a.frames(b, 'lost');
    a.say(b, 'later');
    expect(b.told.splice(0)).toEqual(['down a', 'up a']);
    b.say(a, 'again');
    expect(a.told).toEqual(['down b', 'up b', 'b again']);
    a.say(b, 'here');
    expect(b.told).toEqual(['a here']);
  });

  it('learns by a hello that the last message is missing', () => {
    const [a, b] = met();
    a.frames(b, 'lost');
    expect(a.hello(b)).toBe(true);
    expect(b.told).toEqual(['down a', 'up a']);
  });

  it('that both ends begin anew at once is one link again', () => {
    const [a, b] = met();
    a.frames(b, 'lost');
    b.frames(a, 'lost');
    a.say(b, 'x');
    b.say(a, 'x');
    for (let i = 0; i < 2; i++) {
      a.hello(b);
      b.hello(a);
    }
    a.told.length = 0;
    b.told.length = 0;
    a.say(b, 'one');
    b.say(a, 'two');
    expect([a.told, b.told]).toEqual([['b two'], ['a one']]);
  });

  it('ends where nothing is heard, and no message of its time counts afterwards', () => {
    const [a, b] = met();
    const old = a.frames(b, 'old');
    b.links.forget(1);
    expect(b.told).toEqual(['down a']);
    a.hello(b, 2);
    for (const frame of old) b.links.hearFrame(frame, 2);
    expect(b.told.filter((told) => told.includes('old'))).toEqual([]);
  });
});
