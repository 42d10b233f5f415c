import { type Service, type ServiceMsg, Svcm } from '@nats-io/services';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { messageOfError } from '../../engine/errors.ts';
import { BadRequest } from './request.ts';

/** Of the requests and answers below, not of the program. */
const VERSION = '1.0.0';
export const SERVICE_NAME = 'holdfast-oms';

/** One question that the centre answers: JSON in, JSON out. */
export interface Endpoint {
  readonly name: string;
  readonly subject: string;
  /** Throws {@link BadRequest} for what it cannot answer. */
  answer(request: Uint8Array): unknown;
}

/** Registers the endpoints by the NATS services convention, so that $SRV.PING, INFO and STATS know them. */
export async function startService(
  nats: NatsConnection,
  endpoints: readonly Endpoint[],
  log: Logger,
): Promise<Service> {
  const service = await new Svcm(nats).add({
    name: SERVICE_NAME,
    version: VERSION,
    description: 'Holdfast centre: what can be sold, where it lies, what happened',
  });
  for (const endpoint of endpoints) {
    service.addEndpoint(endpoint.name, {
      subject: endpoint.subject,
      handler: (error, message) => {
        if (error === null) void serve(endpoint, message, log);
      },
    });
  }
  return service;
}

async function serve(endpoint: Endpoint, message: ServiceMsg, log: Logger): Promise<void> {
  try {
    message.respond(JSON.stringify(await endpoint.answer(message.data)));
  } catch (e) {
    if (e instanceof BadRequest) {
      refuse(message, 400, e.message);
    } else {
      log.error({ err: e, subject: endpoint.subject }, 'a question to the centre failed');
      refuse(message, 500, `the centre could not answer: ${messageOfError(e)}`);
    }
  }
}

/** By the convention in headers, and in the body for those who do not see headers. */
function refuse(message: ServiceMsg, code: number, text: string): void {
  const line = text.replace(/\s+/g, ' ');
  message.respondError(code, line, JSON.stringify({ error: { code, message: line } }));
}
