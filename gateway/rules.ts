import type { Msg, Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { OwnerId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import { listen } from '../engine/peers/careful.ts';
import type { RulesThread } from '../engine/rules/thread.ts';
import { rulesSubject } from '../engine/subjects.ts';
import type { Figures } from '../rules/dry-run.ts';
import { at, type Json, type Op, opsOf } from '../rules/edit.ts';
import { namesOf } from '../rules/read.ts';
import type { Problem } from '../rules/settle.ts';
import { covers, mayEverywhere } from './auth.ts';
import { badField } from './documents.ts';
import { clientName } from './hello.ts';
import { clientSaid, identify, type NatsDoorOptions, ownerOf } from './nats.ts';
import { replyOf } from './replies.ts';
import { type RulesEdit, RulesRequest, type RulesTold } from './rules-schemas.ts';

export interface RulesDoorOptions extends NatsDoorOptions {
  readonly rules: RulesThread;
}

type Request = z.infer<typeof RulesRequest>;
type Told = z.infer<typeof RulesTold>;
/** A refusal that says everything that is wrong. */
interface RefusedEdit {
  readonly refused: Refused;
  readonly problems: readonly Problem[];
}
type Answer = Told | Refused | RefusedEdit;

const MAY_EDIT = ['admin', 'controller'];
const MAY_LOOK = [...MAY_EDIT, 'viewer'];
const LOOKS: readonly Request['op'][] = ['show', 'history', 'check', 'dry-run'];
const HISTORY = 50;

/** ① What people ask of the rules of an owner, by NATS request on `inv.rules.<region>`. Any node of the region answers. */
export const openRulesDoor = (options: RulesDoorOptions): Subscription =>
  listen(
    options.nats,
    rulesSubject(options.region),
    async (message) => {
      const reply = JSON.stringify(wordsOf(await answerTo(options, message)));
      const fits = Buffer.byteLength(reply) <= LIMITS.natsPayloadBytes;
      message.respond(fits ? reply : JSON.stringify(replyOf(0, TOO_LONG)));
    },
    `holdfast-${options.region}`,
  );

const TOO_LONG = refuse('too_large', 0, -1, 'the answer fits no message; ask for a part, by path');

const wordsOf = (answer: Answer): object => {
  if ('problems' in answer && 'refused' in answer) {
    return { ...replyOf(0, answer.refused), problems: answer.problems };
  }
  return 'code' in answer ? replyOf(0, answer) : answer;
};

async function answerTo(options: RulesDoorOptions, message: Msg): Promise<Answer> {
  if (message.data.length > LIMITS.frameBytes) return refuse('too_large');
  const who = await identify(options, message);
  if ('ok' in who) return who;
  let body: unknown;
  try {
    body = message.json();
  } catch {
    return refuse('malformed');
  }
  const parsed = RulesRequest.safeParse(body);
  if (!parsed.success) return badField(parsed.error);
  const request = parsed.data;
  const owner = (request.owner ?? ownerOf(who, options)) as OwnerId;
  const isLook = LOOKS.includes(request.op);
  const roles = isLook ? MAY_LOOK : MAY_EDIT;
  if (!who.roles.some((role) => roles.includes(role))) {
    return refuse('forbidden', 0, -1, `${request.op} the rules`);
  }
  if (!covers(who.owners, owner)) return refuse('forbidden', 0, -1, `owner ${owner}`);
  const narrow = isLook ? undefined : mayEverywhere(who, 'rules');
  if (narrow !== undefined) return narrow;
  try {
    return await answer(options.rules, request, owner, clientName(who, clientSaid(message)));
  } catch (e) {
    options.log.error({ err: e, op: request.op }, 'a question about rules failed');
    return refuse('unknown', 0, -1, 'the rules of this node do not answer');
  }
}

async function answer(
  rules: RulesThread,
  request: Request,
  owner: OwnerId,
  who: string,
): Promise<Answer> {
  const nowMs = Date.now();
  switch (request.op) {
    case 'show':
      return show(rules, owner, request.path);
    case 'history': {
      const history = await rules.ask('history', { owner });
      const newest = history.reverse().slice(0, request.limit ?? HISTORY);
      const told = newest.map(({ hash, who, atMs, what }) => ({
        hash,
        who,
        atMs,
        what: [...what],
      }));
      return { ok: true, owner, history: told };
    }
    case 'check': {
      const { version, settled } = await rules.ask('show', { owner });
      const ops = (request.edits ?? []).flatMap(opsIn);
      const problems = ops.length === 0 ? [] : await rules.ask('check', { owner, ops });
      return { ok: true, owner, version, settled: [...settled], problems: [...problems] };
    }
    case 'dry-run': {
      const ops = request.edits.flatMap(opsIn);
      const figures = request.figures as unknown as readonly Figures[];
      const { problems, effects } = await rules.ask('dryRun', { owner, ops, figures, nowMs });
      return problems.length > 0 ? refusedFor(problems) : { ok: true, owner, effects };
    }
    default: {
      const ops = request.op === 'edit' ? request.edits.flatMap(opsIn) : opsIn(request);
      const done = await rules.ask('edit', { owner, ops, who, nowMs });
      return done.ok ? { ok: true, owner, version: done.version } : refusedFor(done.problems);
    }
  }
}

async function show(rules: RulesThread, owner: OwnerId, path: string | undefined): Promise<Answer> {
  const { version, document, settled } = await rules.ask('show', { owner });
  const part = path === undefined ? document : at(document, namesOf(path));
  if (part === undefined) return refuse('bad_field', 0, -1, `path: there is nothing at ${path}`);
  return { ok: true, owner, version, rules: part, settled: [...settled] };
}

function refusedFor(problems: readonly Problem[]): RefusedEdit {
  const [first] = problems;
  const said = first === undefined ? '' : `${first.path} ${first.what}; ${first.todo}`;
  return { refused: refuse('bad_field', 0, -1, said), problems };
}

function opsIn(edit: z.infer<typeof RulesEdit>): Op[] {
  if (edit.op === 'merge') return opsOf(edit.patch as Json);
  if (edit.op === 'delete') return [{ op: 'delete', path: edit.path }];
  return [{ op: 'set', path: edit.path, value: edit.value as Json }];
}
