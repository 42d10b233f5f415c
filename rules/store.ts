import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as A from '@automerge/automerge';
import { type DocHandle, type DocumentId, type PeerId, Repo } from '@automerge/automerge-repo';
import type { OwnerId } from '../actors/ids.ts';
import { collisionsOf, tornIn } from './collisions.ts';
import { type Standing, standingOf } from './compile.ts';
import {
  commit,
  documentIdOf,
  factsOf,
  genesisOf,
  historyOf,
  type Made,
  plainOf,
  type RulesDoc,
  versionOf,
} from './document.ts';
import { dryRun, type Effect, type Figures } from './dry-run.ts';
import { type Op, tryEdit } from './edit.ts';
import { RuleFiles } from './files.ts';
import { type Problem, type Settlement, settle } from './settle.ts';
import { WireAdapter } from './sync/adapter.ts';
import type { Wire } from './sync/wire.ts';

export interface StoreOptions {
  /** A folder of this node alone. */
  readonly dir: string;
  /** Name of this node. */
  readonly node: string;
  readonly wire: Wire;
  readonly log: StoreLog;
  /** Between two hellos to the other nodes, ms. */
  readonly helloMs?: number;
}

export interface StoreLog {
  warn(what: object, message: string): void;
  error(what: object, message: string): void;
}

const HELLO_MS = 2_000;
/** A node that said nothing for so many hellos is gone. */
const HELLOS = 5;
/** Changes are saved, and told to others, at most so often by themselves, ms. */
const SAVE_MS = 100;
/** Where the disk takes nothing, an end does not wait for it longer, ms. */
const CLOSE_MS = 2_000;

/** The rules of an owner as they are now. */
export interface Shown {
  readonly version: string;
  readonly document: RulesDoc;
  /** What was invalid together, and what holds. */
  readonly settled: readonly Settlement[];
}

export type Edited =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Entry {
  readonly handle: DocHandle<RulesDoc>;
  standing: Standing;
}

/** The rules of all owners that a node has heard of: on disk, in sync with all nodes that can be reached, settled. */
export class RulesStore {
  readonly #repo: Repo;
  readonly #files: RuleFiles;
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, Promise<Entry>>();
  readonly #owners = new Map<string, string>();
  readonly #listeners = new Set<(owner: OwnerId, standing: Standing) => void>();

  private constructor(options: StoreOptions, files: RuleFiles) {
    const helloMs = options.helloMs ?? HELLO_MS;
    this.#files = files;
    const adapter = new WireAdapter({
      ...{ wire: options.wire, helloMs, silentMs: HELLOS * helloMs },
      ownerOf: (document) => this.#owners.get(document),
      prepare: (owner, document) => this.#prepare(owner, document),
      onTrouble: (owner, err) =>
        options.log.error({ owner, err }, 'rules that another node told of cannot be taken'),
    });
    // A node that was started again is another peer: nothing that was agreed with it before counts.
    const life = randomBytes(4).toString('hex');
    this.#repo = new Repo({
      ...{ storage: files, network: [adapter], saveDebounceRate: SAVE_MS },
      ...{ peerId: `${options.node}-${life}` as PeerId, isEphemeral: true },
    });
  }

  /** Opens what is on disk. */
  static async open(options: StoreOptions): Promise<RulesStore> {
    const { dir, log } = options;
    const files = await RuleFiles.open({
      dir,
      onDamaged: (file, why) => log.error({ file, why }, 'a part of the rules was set aside'),
      onTrouble: (why) => log.error({ dir, why }, 'rules cannot be written; trying again'),
    });
    const store = new RulesStore(options, files);
    for (const id of await files.names()) await store.#reopen(id as DocumentId, log);
    return store;
  }

  get owners(): OwnerId[] {
    return [...this.#entries.keys()].sort() as OwnerId[];
  }

  /** What holds for an owner; undefined where there are no rules. */
  standingOf(owner: OwnerId): Standing | undefined {
    return this.#entries.get(owner)?.standing;
  }

  /** Hears of an owner whose rules are others. Returns how to stop. */
  onChange(hear: (owner: OwnerId, standing: Standing) => void): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  show(owner: OwnerId): Shown {
    const doc = this.#docOf(owner);
    const document = plainOf(doc);
    const settled = [...settle(document).settled, ...collisionsOf(doc)];
    return { version: versionOf(doc), document, settled };
  }

  history(owner: OwnerId): Made[] {
    return historyOf(this.#docOf(owner));
  }

  /** Why the ops are refused; nothing is changed. */
  check(owner: OwnerId, ops: readonly Op[]): readonly Problem[] {
    const doc = this.#docOf(owner);
    return tryEdit(plainOf(doc), ops, tornIn(doc)).problems;
  }

  /** What pools would have after the ops, or why these are refused. */
  dryRun(
    owner: OwnerId,
    ops: readonly Op[],
    figures: readonly Figures[],
    nowMs: number,
  ): { problems: readonly Problem[]; effects: Effect[] } {
    const doc = this.#docOf(owner);
    const before = plainOf(doc);
    const { after, problems } = tryEdit(before, ops, tornIn(doc));
    if (problems.length > 0) return { problems, effects: [] };
    return { problems, effects: dryRun(before, after, factsOf(after as RulesDoc), figures, nowMs) };
  }

  /** Makes the ops one change, or refuses all of them. Resolves when it is on this node's disk; others hear of it as soon as they can. */
  async edit(owner: OwnerId, ops: readonly Op[], who: string, nowMs: number): Promise<Edited> {
    if (!(await this.#isKnown(owner))) {
      // Else what is refused would leave an owner behind, on every node.
      const problems = this.check(owner, ops);
      if (problems.length > 0) return { ok: false, problems };
    }
    const { handle } = await this.#open(owner);
    const doc = handle.doc();
    const torn = tornIn(doc);
    const { problems } = tryEdit(plainOf(doc), ops, torn);
    if (problems.length > 0) return { ok: false, problems };
    handle.update((now) => commit(now, ops, torn, who, nowMs));
    const version = versionOf(handle.doc());
    await this.#repo.flush([handle.documentId]);
    return { ok: true, version };
  }

  /** Writes what is not written yet, as far as the disk takes it soon. An edit that is not on disk by then is never answered. */
  async close(): Promise<void> {
    await Promise.race([this.#repo.shutdown(), sleep(CLOSE_MS, undefined, { ref: false })]);
    this.#files.close();
  }

  #docOf(owner: OwnerId): A.Doc<RulesDoc> {
    return this.#entries.get(owner)?.handle.doc() ?? genesisOf(owner);
  }

  async #prepare(owner: string, document: string): Promise<boolean> {
    if (documentIdOf(owner) !== document) return false;
    await this.#open(owner);
    return true;
  }

  #open(owner: string): Promise<Entry> {
    const found = this.#opening.get(owner);
    if (found !== undefined) return found;
    const opening = this.#make(owner);
    this.#opening.set(owner, opening);
    opening.catch(() => this.#opening.delete(owner));
    return opening;
  }

  /** Also where it is on disk, and nobody could tell whose it is. */
  async #isKnown(owner: string): Promise<boolean> {
    if (this.#opening.has(owner)) return true;
    return (await this.#files.loadRange([documentIdOf(owner)])).length > 0;
  }

  /** What begins a document is written first, so that there is always something to load, and nobody has to be asked. */
  async #make(owner: string): Promise<Entry> {
    const id = documentIdOf(owner);
    const genesis = A.save(genesisOf(owner));
    this.#owners.set(id, owner);
    if ((await this.#files.loadRange([id])).length === 0) {
      await this.#files.save([id, 'snapshot', 'genesis'], genesis);
    }
    const handle = await this.#repo.find<RulesDoc>(id);
    handle.update((doc) => A.loadIncremental(doc, genesis));
    const entry = { handle, standing: standingIn(handle) };
    this.#entries.set(owner, entry);
    handle.on('heads-changed', () => this.#changed(owner, entry));
    this.#tell(owner, entry);
    return entry;
  }

  /** Opens what a folder of chunks is about. */
  async #reopen(id: DocumentId, log: StoreLog): Promise<void> {
    const chunks = await this.#files.loadRange([id]);
    const doc = A.loadIncremental(
      A.init<RulesDoc>(),
      Buffer.concat(chunks.map(({ data = NOTHING }) => data)),
    );
    const { owner } = doc;
    if (typeof owner === 'string' && documentIdOf(owner) === id) await this.#open(owner);
    else
      log.warn(
        { document: id },
        'rules on disk say not whose they are; passed over until it is heard',
      );
  }

  #changed(owner: string, entry: Entry): void {
    entry.standing = standingIn(entry.handle);
    this.#tell(owner, entry);
  }

  #tell(owner: string, { standing }: Entry): void {
    for (const hear of this.#listeners) hear(owner as OwnerId, standing);
  }
}

const NOTHING = new Uint8Array();

function standingIn(handle: DocHandle<RulesDoc>): Standing {
  const document = plainOf(handle.doc());
  return standingOf(document, factsOf(document), versionOf(handle.doc()));
}
