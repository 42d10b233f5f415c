import { type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { snapshotBucket } from '../subjects.ts';
import type { SnapshotStore, SnapshotWriter } from './store.ts';

/** A JetStream object store: for handing a shard over between machines. Slower than a file. */
export class ObjectSnapshots implements SnapshotStore {
  readonly #store: ObjectStore;

  private constructor(store: ObjectStore) {
    this.#store = store;
  }

  static async open(
    nats: NatsConnection,
    region: string,
    shard: number,
    replicas = 1,
  ): Promise<ObjectSnapshots> {
    const bucket = snapshotBucket(region, shard);
    return new ObjectSnapshots(await new Objm(nats).create(bucket, { replicas }));
  }

  async list(): Promise<string[]> {
    const infos = await this.#store.list();
    return infos.map((i) => i.name).sort();
  }

  create(name: string): Promise<SnapshotWriter> {
    let fail: (why: unknown) => void = () => {};
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
      start(controller) {
        fail = (why) => controller.error(why);
      },
    });
    const writer = writable.getWriter();
    const stored = this.#store.put({ name }, readable, { timeout: 30_000 });
    stored.catch(fail); // whoever writes on must hear that nobody reads any more
    return Promise.resolve({
      write: (bytes) => writer.write(bytes.slice()),
      finish: async () => {
        await writer.close();
        await stored;
      },
      abort: async () => {
        fail(new Error('snapshot given up'));
        await stored.catch(() => {});
        await this.remove(name);
      },
    });
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    const object = await this.#store.get(name);
    if (object === null) throw new Error(`there is no snapshot ${name}`);
    for await (const piece of object.data) yield piece;
    const damage = await object.error;
    if (damage) throw damage;
  }

  async remove(name: string): Promise<void> {
    if ((await this.#store.info(name)) !== null) await this.#store.delete(name);
  }
}
