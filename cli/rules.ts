import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { NatsConnection } from '@nats-io/transport-node';
import { StartError } from '../engine/errors.ts';
import { HUB } from '../engine/regions.ts';
import { rulesSubject } from '../engine/subjects.ts';
import type { AvailabilityAnswer, AvailabilityItem } from '../oms/services/availability.ts';
import type { Made } from '../rules/document.ts';
import type { Effect, Figures } from '../rules/dry-run.ts';
import type { Problem, Settlement } from '../rules/settle.ts';
import { linkTo } from './nats-link.ts';
import type { AskOptions } from './rights.ts';

export interface RulesOptions extends AskOptions {
  /** Undefined: the one that this machine runs, or its hub. */
  readonly region?: string;
  readonly owner?: string;
  /** A merge patch. */
  readonly file?: string;
}

const WAIT_MS = 10_000;
const REGIONS = ['local', HUB];

interface Told {
  readonly ok: boolean;
  readonly message?: string;
  readonly problems?: readonly Problem[];
  readonly owner: string;
  readonly version?: string;
}

/** One link to NATS for one command. */
class Asking {
  readonly #nats: NatsConnection;
  readonly #options: RulesOptions;

  private constructor(nats: NatsConnection, options: RulesOptions) {
    this.#nats = nats;
    this.#options = options;
  }

  static async with<Result>(
    options: RulesOptions,
    work: (asking: Asking) => Promise<Result>,
  ): Promise<Result> {
    const nats = await linkTo(options.nats, 'holdfast rules');
    try {
      return await work(new Asking(nats, options));
    } finally {
      await nats.close();
    }
  }

  /** Throws {@link StartError} with all that is wrong, where it is refused. */
  async rules<Answer>(asked: object): Promise<Told & Answer> {
    const { owner, region } = this.#options;
    const regions = region === undefined ? REGIONS : [region];
    for (const one of regions) {
      const told = await this.#request<Told & Answer>(rulesSubject(one), { owner, ...asked });
      if (told === undefined) continue;
      if (!told.ok) throw new StartError(whyOf(told));
      return told;
    }
    throw new StartError(
      `no node of ${regions.join(' or ')} answers at ${this.#options.nats}; name its region with --region`,
    );
  }

  /** From the centre. */
  async figures(skus: readonly string[]): Promise<Figures[]> {
    const { owner } = this.#options;
    const asked = { owner, skus };
    const told = await this.#request<AvailabilityAnswer>('inv.oms.availability', asked);
    if (told === undefined) {
      throw new StartError('the centre does not answer; give the stock with --figures');
    }
    return 'items' in told ? told.items.flatMap(figuresOf) : [];
  }

  /** Undefined where nobody listens. */
  async #request<Answer>(subject: string, body: object): Promise<Answer | undefined> {
    const { headers } = await import('@nats-io/transport-node');
    const head = headers();
    if (this.#options.token !== undefined) head.set('Holdfast-Token', this.#options.token);
    head.set('Holdfast-Client', nameOfUser());
    try {
      const told = await this.#nats.request(subject, JSON.stringify(body), {
        ...{ timeout: WAIT_MS, headers: head },
      });
      return told.json<Answer>();
    } catch (e) {
      if (['NoRespondersError', 'RequestError'].includes((e as Error).name)) return undefined;
      throw new StartError(`no answer: ${(e as Error).message}`);
    }
  }
}

/** Who edits, where no token says it. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody'; // a user that this machine has no name for
  }
}

const figuresOf = ({ sku, warehouses }: AvailabilityItem): Figures[] =>
  Object.entries(warehouses).map(([warehouse, view]) => ({
    ...{ sku, warehouse },
    stock: view.available + view.granted + view.safetyHeld,
    transit: view.inTransit,
  })) as unknown as Figures[];

function whyOf({ message, problems = [] }: Told): string {
  if (problems.length === 0) return message ?? 'refused';
  return `nothing was changed:\n${problems.map(line).join('\n')}`;
}

const line = ({ path, what, todo }: Problem): string => `  ${path} ${what}; ${todo}`;
const settledLine = ({ path, what, todo, done }: Settlement): string =>
  `  ${path} ${what}: ${done}. To settle it: ${todo}`;

function print(options: RulesOptions, told: object, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(told)}\n` : text);
}

/** The rules, and what holds where edits did not fit together. */
export async function show(path: string | undefined, options: RulesOptions): Promise<void> {
  const told = await Asking.with(options, (asking) =>
    asking.rules<{ rules: unknown; settled: Settlement[] }>({ op: 'show', path }),
  );
  const { rules, settled, owner, version } = told;
  const lines = [JSON.stringify(rules, null, 2), `Rules of ${owner}, version ${version}.`];
  print(options, told, `${[...lines, ...settledLines(settled)].join('\n')}\n`);
}

const settledLines = (settled: readonly Settlement[]): string[] =>
  settled.length === 0 ? [] : ['Edits that do not fit together:', ...settled.map(settledLine)];

export async function set(
  path: string | undefined,
  value: string | undefined,
  options: RulesOptions,
): Promise<void> {
  const edits = await editsOf(path, value, options);
  await edit(edits, options);
}

export const remove = (path: string, options: RulesOptions): Promise<void> =>
  edit([{ op: 'delete', path }], options);

async function edit(edits: readonly object[], options: RulesOptions): Promise<void> {
  const told = await Asking.with(options, (asking) => asking.rules({ op: 'edit', edits }));
  const text = `Done: rules of ${told.owner}, version ${told.version}. Other nodes have it as soon as they can be reached.\n`;
  print(options, told, text);
}

/** What is wrong with the rules, or with an edit. */
export async function check(
  path: string | undefined,
  value: string | undefined,
  options: RulesOptions,
): Promise<void> {
  const isEdit = path !== undefined || options.file !== undefined;
  const edits = isEdit ? await editsOf(path, value, options) : undefined;
  const told = await Asking.with(options, (asking) =>
    asking.rules<{ settled: Settlement[]; problems: Problem[] }>({ op: 'check', edits }),
  );
  const { problems, settled } = told;
  const lines = isEdit ? problems.map(line) : settledLines(settled);
  const fine = isEdit ? 'It would be accepted.' : 'Nothing is wrong.';
  print(options, told, `${lines.length === 0 ? fine : lines.join('\n')}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

export async function history(options: RulesOptions): Promise<void> {
  const told = await Asking.with(options, (asking) =>
    asking.rules<{ history: Made[] }>({ op: 'history' }),
  );
  const lines = told.history.map(({ atMs, who, what }) => {
    const when = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
    const acts = what.map((op) =>
      op.op === 'set' ? `set ${op.path} ${JSON.stringify(op.value)}` : `delete ${op.path}`,
    );
    return `${when}  ${who}  ${acts.join(', ') || 'says again what is there'}`;
  });
  print(
    options,
    told,
    lines.length === 0 ? 'Nobody has changed anything.\n' : `${lines.join('\n')}\n`,
  );
}

export interface TryOptions extends RulesOptions {
  readonly sku: readonly string[];
  /** A list of {@link Figures}. */
  readonly figures?: string;
}

/** What an edit would do to every pool. */
export async function attempt(
  path: string | undefined,
  value: string | undefined,
  options: TryOptions,
): Promise<void> {
  const edits = await editsOf(path, value, options);
  const told = await Asking.with(options, async (asking) => {
    const figures =
      options.figures === undefined
        ? await asking.figures(options.sku)
        : ((await json(options.figures)) as Figures[]);
    if (figures.length === 0) {
      throw new StartError('none of these SKUs is known; name some with --sku, or give --figures');
    }
    return asking.rules<{ effects: Effect[] }>({ op: 'dry-run', edits, figures });
  });
  print(options, told, `${told.effects.map(effectLine).join('\n')}\nNothing was changed.\n`);
}

const effectLine = ({ sku, warehouse, pool, before, after }: Effect): string => {
  const change = after === before ? '' : `  ${after > before ? '+' : ''}${after - before}`;
  const goods = `${sku}@${warehouse}`;
  return `${goods.padEnd(30)} ${pool.padEnd(24)} ${String(before).padStart(8)} → ${String(after).padStart(8)}${change}`;
};

/** A path and a value, or a file. */
async function editsOf(
  path: string | undefined,
  value: string | undefined,
  { file }: RulesOptions,
): Promise<object[]> {
  if (file !== undefined && path === undefined) return [{ op: 'merge', patch: await json(file) }];
  if (file !== undefined || path === undefined || value === undefined) {
    throw new StartError('give a path and a value, or a merge patch with --file');
  }
  return [{ op: 'set', path, value: jsonOrText(value) }];
}

/** JSON, or else the text itself. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (/^[[{"]/.test(text.trim())) throw new StartError(`the value is no JSON: ${text}`);
    return text;
  }
}

async function json(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (e) {
    throw new StartError(`${file}: ${(e as Error).message}`);
  }
}
