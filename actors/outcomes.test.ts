import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, CODES, isRetryable, messageOf, refuse } from './outcomes.ts';

const PAGE = new URL('../docs/OUTCOMES.md', import.meta.url);

/** The cells of the first table of the page, a row a code. */
const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('docs/OUTCOMES.md', () => {
  it('S8 lists every code of the catalogue, in the order of the checks', () => {
    expect(rows.map(([code]) => code)).toEqual(CODES.map((code) => `\`${code}\``));
  });

  it.each(CODES.map((code, i) => [code, rows[i] ?? []] as const))(
    'S8 says of %s what the catalogue says, and what to do',
    (code, row) => {
      const { where, retry, message } = CATALOGUE[code];
      expect(row.slice(1, 4)).toEqual([where, retry ? 'yes' : 'no', message]);
      expect(row).toHaveLength(5);
      expect(row[4]).toMatch(/^[A-Z].{10,}\.$/);
    },
  );
});

describe('the catalogue', () => {
  it('S8 goes from the edge by the router, the session and the document to the actor', () => {
    const places = CODES.map((code) => CATALOGUE[code].where);
    const order = ['edge', 'router', 'session', 'document', 'actor'];
    expect(places).toEqual(places.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  });

  it.each(CODES)('S8 %s has a whole sentence for a person', (code) => {
    expect(CATALOGUE[code].message).toMatch(/^[A-Z].*\.$/);
    expect(CATALOGUE[code].message.replaceAll(/\{(asked|available)\}/g, '')).not.toMatch(/[{}|]/);
  });

  it('S8 says that only what passes by itself is worth a retry of the same number', () => {
    expect(CODES.filter(isRetryable)).toEqual([
      ...['rate_limited', 'too_many_in_flight'],
      ...['not_owned', 'stopped', 'overloaded', 'moved', 'stranded'],
    ]);
  });
});

describe('a refusal', () => {
  it('S8 tells a person how many there were and how many were asked for', () => {
    expect(messageOf(refuse('insufficient', 6, 5))).toBe('Only 5 of 6 are available.');
    expect(messageOf(refuse('exceeds_on_hand', 6, 5))).toBe(
      'Only 5 are on hand; 6 cannot be taken away.',
    );
  });

  it('S8 adds what exactly was wrong where that is known', () => {
    expect(messageOf(refuse('bad_field', 0, -1, 'sku'))).toBe(
      'A field is missing or has the wrong type. (sku)',
    );
  });

  it('S8 fills in what was sent as it is, whatever it looks like', () => {
    expect(messageOf(refuse('unknown_op', 0, -1, '{asked} $&'))).toMatch(/\(\{asked\} \$&\)$/);
  });
});
