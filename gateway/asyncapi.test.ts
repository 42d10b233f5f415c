import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { SUBPROTOCOLS } from './codec.ts';
import { SCAN_PATH } from './gateway.ts';
import { SCHEMAS } from './schemas.ts';

const PAGE = fileURLToPath(new URL('../docs/asyncapi.yaml', import.meta.url));
const SCHEMA_PATH = '#/components/schemas/';
const text = readFileSync(PAGE, 'utf8');

type Node = Readonly<Record<string, unknown>>;
const page = parse(text) as Node;
const isNode = (v: unknown): v is Node => typeof v === 'object' && v !== null;

/** The zod schemas as JSON Schema, by name, referring to each other. */
function generated(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    target: 'draft-7',
    uri: (id) => `${SCHEMA_PATH}${id}`,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, s]) => [id, plain(s)]));
}

/** Without what every one of them repeats; an `allOf` of one is that one. */
function plain(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(plain);
  if (!isNode(v)) return v;
  const { $schema: _s, $id: _i, ...rest } = v;
  const keys = Object.keys(rest);
  if (keys.length === 1 && Array.isArray(rest.allOf) && rest.allOf.length === 1) {
    return plain(rest.allOf[0]);
  }
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]));
}

/** Every `$ref` below a node, with the path where it stands. */
function refs(v: unknown, path = '#'): { readonly at: string; readonly to: string }[] {
  if (!isNode(v)) return [];
  const below = Object.entries(v).flatMap(([key, value]) => refs(value, `${path}/${key}`));
  return typeof v.$ref === 'string' ? [{ at: path, to: v.$ref }, ...below] : below;
}

/** What stands at `#/a/b`, undefined if nothing does. */
function at(path: string): unknown {
  let node: unknown = page;
  for (const key of path.split('/').slice(1)) node = isNode(node) ? node[key] : undefined;
  return node;
}

const entries = (path: string): [string, Node][] =>
  Object.entries(at(path) as Node).map(([key, v]) => [key, v as Node]);

describe('docs/asyncapi.yaml', () => {
  it('has the schemas of gateway/schemas.ts', async () => {
    const doc = parseDocument(text);
    for (const [id, schema] of Object.entries(generated())) {
      const node = doc.createNode(schema, { aliasDuplicateObjects: false });
      doc.setIn(['components', 'schemas', id], node);
    }
    await expect(doc.toString({ lineWidth: 0 })).toMatchFileSnapshot(PAGE);
  });

  it('is an AsyncAPI 3.0 document', () => {
    expect(Object.keys(page).filter((key) => !key.startsWith('x-'))).toEqual([
      ...['asyncapi', 'info', 'defaultContentType', 'servers', 'channels', 'operations'],
      'components',
    ]);
    expect(page.asyncapi).toBe('3.0.0');
    expect(at('#/info')).toMatchObject({ title: 'Holdfast', version: expect.any(String) });
    for (const [, server] of entries('#/servers')) {
      expect(server).toMatchObject({ host: expect.any(String), protocol: expect.any(String) });
    }
  });

  it('refers to nothing that is not there', () => {
    for (const { at: place, to } of refs(page)) {
      expect(at(to), `${place} refers to ${to}`).toBeDefined();
    }
  });

  it('has no message and no schema that nothing refers to', () => {
    const used = new Set(refs(page).map(({ to }) => to));
    const inside = (path: string) => Object.keys(at(path) as Node).map((key) => `${path}/${key}`);
    const all = [...inside('#/components/messages'), ...inside('#/components/schemas')];
    expect(all.filter((path) => !used.has(path))).toEqual([]);
  });

  it('has channels of messages, with a parameter for each part of an address', () => {
    for (const [name, channel] of entries('#/channels')) {
      const { address, messages, parameters = {} } = channel;
      expect(address === null || typeof address === 'string', name).toBe(true);
      const parts = [...String(address).matchAll(/\{(\w+)\}/g)].map(([, part]) => part);
      expect(Object.keys(parameters as Node)).toEqual(parts);
      for (const message of Object.values(messages as Node)) {
        expect(message).toEqual({ $ref: expect.stringMatching(/^#\/components\/messages\/\w+$/) });
      }
    }
  });

  it('has operations on messages of their own channels', () => {
    for (const [name, operation] of entries('#/operations')) {
      expect(['send', 'receive'], name).toContain(operation.action);
      for (const side of [operation, operation.reply].filter(isNode)) {
        const channel = (side.channel as Node).$ref as string;
        expect(channel).toMatch(/^#\/channels\/\w+$/);
        for (const { to } of refs(side.messages ?? [])) {
          expect(to.startsWith(`${channel}/messages/`), `${name}: ${to}`).toBe(true);
        }
      }
    }
  });

  it('has every message sent or received by an operation', () => {
    const operations = JSON.stringify(at('#/operations'));
    for (const [name] of entries('#/channels')) {
      expect(operations).toContain(`"#/channels/${name}"`);
    }
  });

  it('has examples that their schemas take as they are', () => {
    let checked = 0;
    for (const [name, { payload, examples = [] }] of entries('#/components/messages')) {
      const id = ((payload as Node).$ref as string).slice(SCHEMA_PATH.length);
      const schema = SCHEMAS[id as keyof typeof SCHEMAS] as z.ZodType | undefined;
      for (const example of examples as Node[]) {
        if (schema === undefined) continue;
        checked++;
        const taken = schema.safeParse(example.payload);
        expect(taken, name).toMatchObject({ success: true });
        expect(taken.data).toEqual(example.payload);
      }
    }
    expect(checked).toBeGreaterThan(8);
  });

  it('names the door as it opens', () => {
    expect(at('#/channels/scan/address')).toBe(SCAN_PATH);
    for (const name of SUBPROTOCOLS) expect(text).toContain(`\`${name}\``);
  });
});
