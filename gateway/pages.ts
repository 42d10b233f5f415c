import type { RegionNode } from '../engine/node.ts';
import type { DoorRequest, HttpAnswer } from './door/door.ts';

export interface PagesContext {
  readonly node: RegionNode;
  readonly version: string;
  readonly door: () => string;
  readonly startedMs: number;
  /** Further metrics, e.g. the centre's. Empty when there are none. */
  readonly moreMetrics: () => Promise<string>;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** The HTTP pages of a node. */
export async function page(context: PagesContext, request: DoorRequest): Promise<HttpAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'Only GET here. Commands travel by WebSocket on /v1/scan or by NATS.\n');
  }
  switch (request.path) {
    case '/':
      return text(200, welcome(context));
    case '/healthz':
      return json(200, {
        status: 'ok',
        version: context.version,
        door: context.door(),
        uptimeSeconds: Math.round((Date.now() - context.startedMs) / 1000),
      });
    case '/readyz':
      return ready(context.node);
    case '/metrics':
      return {
        status: 200,
        type: context.node.metrics.contentType,
        body: (await context.node.metrics.metrics()) + (await context.moreMetrics()),
      };
    default:
      return text(404, 'Nothing here. Try /, /healthz, /readyz or /metrics.\n');
  }
}

/** Ready when every shard is served, here or by another node. */
function ready(node: RegionNode): HttpAnswer {
  const shards = node.slots.map(({ number, state }) => ({
    shard: number,
    state: state.kind,
    ...(state.kind === 'stopped' ? { why: state.why } : {}),
    ...(state.kind === 'waiting' && state.owner !== undefined ? { owner: state.owner.url } : {}),
  }));
  const isReady = node.slots.every(
    ({ state }) =>
      state.kind === 'serving' || (state.kind === 'waiting' && state.owner !== undefined),
  );
  return json(isReady ? 200 : 503, { ready: isReady, shards });
}

const welcome = ({ version, door }: PagesContext): string => `Holdfast ${version} is running.

  WebSocket  /v1/scan   holdfast.v1.json or holdfast.v1.msgpack (${door()})
  Health     /healthz   /readyz   /metrics

docs/PROTOCOL.md has the frames; the README has a tour.
`;

const text = (status: number, body: string): HttpAnswer => ({ status, type: TEXT_TYPE, body });
const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  type: JSON_TYPE,
  body: `${JSON.stringify(body)}\n`,
});
