import { expect, it } from 'vitest';
import { refuse } from '../../actors/outcomes.ts';
import { type HomeAct, SILENT } from '../../actors/rights/acts.ts';
import type { LifeId } from '../../actors/rights/lane.ts';
import type { Answer } from '../settled.ts';
import { bury } from './burial.ts';

it('a life is given up in parts where its record would be too large', async () => {
  const asked: HomeAct[] = [];
  const lanes = 100;
  let left = lanes;
  const ask = async (act: HomeAct): Promise<Answer> => {
    asked.push(act);
    if (act.act !== 'bury') return refuse('unknown');
    if (act.most > 20) return refuse('too_large');
    left = Math.max(0, left - act.most);
    const told = { ...SILENT, booked: act.most + act.more, lanesLeft: left };
    return { ok: true, kind: 'rights', told } as unknown as Answer;
  };
  expect(await bury(ask, 'p.1' as LifeId, 5)).toEqual({ booked: 16 * 7 + 5, lanesLeft: 0 });
  expect(asked.slice(0, 4)).toMatchObject([
    { most: 64, more: 5 },
    { most: 32, more: 5 },
    { most: 16, more: 5 },
    { most: 16, more: 0 },
  ]);
});
