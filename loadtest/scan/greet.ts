import { msgpackCodec, SUBPROTOCOLS } from '../../gateway/codec.ts';
import { encode } from './frames.ts';
import { Wire } from './wire.ts';

export interface Address {
  readonly url: string;
  readonly token: string;
}

/** A session on a wire of its own, and the number it begins with. */
export async function greeted(
  { url, token }: Address,
  client: string,
): Promise<{ readonly wire: Wire; readonly nextN: number }> {
  const wire = await Wire.connect(url, SUBPROTOCOLS[1]);
  const reply = msgpackCodec.decode(await wire.exchange(encode({ op: 'hello', token, client })));
  const { ok, nextN } = reply as { ok: boolean; nextN: number };
  if (!ok) throw new Error(`hello was refused: ${JSON.stringify(reply)}`);
  return { wire, nextN };
}
