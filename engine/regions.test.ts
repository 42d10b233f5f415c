import { describe, expect, test } from 'vitest';
import { StartError } from './errors.ts';
import { Regions, readPlaces } from './regions.ts';

describe('a warehouse belongs to', () => {
  const regions = new Regions(['hub', 'eu', 'us'], { eu: ['W1', 'DE*'], us: ['W2'] });

  test.each([
    ['eu-berlin', 'eu'],
    ['us-nyc', 'us'],
    ['hub-1', 'hub'],
    ['W1', 'eu'],
    ['W2', 'us'],
    ['DE', 'eu'],
    ['DE-7', 'eu'],
    ['eu', undefined],
    ['EU-berlin', undefined],
    ['W11', undefined],
    ['', undefined],
  ])('%s: %s', (warehouse, region) => {
    expect(regions.regionOf(warehouse)).toBe(region);
  });
});

describe('refused', () => {
  test.each([
    ['an empty name', [''], {}, 'no region'],
    ['a name with a dot', ['eu.1'], {}, 'no region'],
    ['a name twice', ['eu', 'eu'], {}, 'named twice'],
    ['a name that begins with another', ['eu', 'eu-west'], {}, 'eu-\\* of eu.*eu-west-\\*'],
    ['places of nobody', ['eu'], { us: ['W1'] }, 'none of eu'],
    ['no warehouse', ['eu'], { eu: ['W 1'] }, 'no warehouse'],
    ['a star within', ['eu'], { eu: ['W*1'] }, 'no warehouse'],
    ['the same name', ['eu', 'us'], { eu: ['W1'], us: ['W1'] }, 'two regions'],
    ['a name and a beginning', ['eu', 'us'], { eu: ['W1'], us: ['W*'] }, 'two regions'],
    ['two beginnings', ['eu', 'us'], { eu: ['WA*'], us: ['W*'] }, 'two regions'],
    ['a name that is the other region’s', ['eu', 'us'], { us: ['eu-1'] }, 'two regions'],
  ])('%s', (_, names, places, why) => {
    const make = () => new Regions(names, places as Record<string, string[]>);
    expect(make).toThrow(StartError);
    expect(make).toThrow(new RegExp(why));
  });

  test.each([
    ['{', 'no JSON'],
    ['[]', 'no object'],
    ['null', 'no object'],
    ['{"eu":"W1"}', 'no list'],
    ['{"eu":[1]}', 'no list'],
  ])('a file with %s', (text, why) => {
    expect(() => readPlaces(text)).toThrow(why);
  });
});

test('places are read as they are written', () => {
  expect(readPlaces('{"eu":["W1","DE*"]}')).toEqual({ eu: ['W1', 'DE*'] });
});
