import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCode } from './barcodes.ts';

const NOW_MS = Date.UTC(2026, 0, 31);
const read = (scanned: string) => readCode(scanned, NOW_MS);

const GS = '\u001d';
/** From the GS1 General Specifications and from labels of such goods. */
const GTIN = '09506000134352';
const begin = (day: string): number => Date.parse(`${day}T00:00:00.000Z`);
const end = (day: string): number => Date.parse(`${day}T23:59:59.999Z`);

describe('a GTIN by itself', () => {
  it.each([
    ['GTIN-8 (EAN-8)', '96385074', '00000096385074'],
    ['GTIN-12 (UPC-A)', '036000291452', '00036000291452'],
    ['GTIN-12 (UPC-A)', '614141000036', '00614141000036'],
    ['GTIN-13 (EAN-13)', '4006381333931', '04006381333931'],
    ['GTIN-13, Ta-Feng', '4710088410207', '04710088410207'],
    ['GTIN-13, a book', '9780201379624', '09780201379624'],
    ['GTIN-14 (ITF-14)', '15400141288763', '15400141288763'],
    ['GTIN-14 that begins as an element', '01234567890128', '01234567890128'],
  ])('%s: %s', (_, text, gtin14) => {
    expect(read(text)).toEqual({ text, gtin14 });
  });

  it.each([
    ['a wrong check digit', '4006381333932'],
    ['two digits the other way round', '4003681333931'],
    ['eleven digits', '03600029145'],
    ['fifteen digits', '154001412887631'],
    ['a letter', '400638133393A'],
    ['digits that are not ASCII', '４００６３８１３３３９３１'],
    ['nothing but zeros', '00000000'],
    ['a blank within', '4006381 333931'],
  ])('%s makes it a text', (_, text) => {
    expect(read(text)).toEqual({ text });
  });

  it.each([
    ['the symbology of EAN-13', ']E04006381333931'],
    ['the symbology of EAN-8 or UPC is no part of it', ']E44006381333931'],
    ['the line end that a scanner types', '4006381333931\r\n'],
    ['blanks around it', '  4006381333931 '],
  ])('is read past %s', (_, scanned) => {
    expect(read(scanned)).toEqual({ text: '4006381333931', gtin14: '04006381333931' });
  });
});

describe('a GS1 element string', () => {
  it.each<[string, string, object]>([
    ['a GTIN', `01${GTIN}`, { gtin14: GTIN }],
    [
      'GTIN, expiry, batch, serial',
      `01${GTIN}17290331` + `10AB-12${GS}21S/77`,
      { gtin14: GTIN, expiresAtMs: end('2029-03-31'), batch: 'AB-12', serial: 'S/77' },
    ],
    [
      'a medicine pack: serial first',
      `01${GTIN}21ABC123${GS}17260630${GS}10LOT7`,
      { gtin14: GTIN, serial: 'ABC123', expiresAtMs: end('2026-06-30'), batch: 'LOT7' },
    ],
    [
      'food: produced, best before',
      `01${GTIN}1126010115260215`,
      { gtin14: GTIN, startMs: begin('2026-01-01'), expiresAtMs: end('2026-02-15') },
    ],
    [
      'best before and expiry: expiry counts, wherever it stands',
      `01${GTIN}1726022015260215`,
      { gtin14: GTIN, expiresAtMs: end('2026-02-20') },
    ],
    [
      'to be sold by a day',
      `01${GTIN}1626021017260220`,
      { gtin14: GTIN, sellUntilMs: end('2026-02-10'), expiresAtMs: end('2026-02-20') },
    ],
    [
      'what is on a pallet, and how many',
      `02${GTIN}37480` + `${GS}10L9`,
      { gtin14: GTIN, count: 480, batch: 'L9' },
    ],
    ['a varying count', `01${GTIN}3012`, { gtin14: GTIN, count: 12 }],
    [
      'a weight and a price, which say nothing here',
      `01${GTIN}3103001750` + `3922199${GS}10X`,
      { gtin14: GTIN, batch: 'X' },
    ],
  ])('%s', (_, text, known) => {
    expect(read(text)).toEqual({ text, ...known });
    for (const symbology of [']C1', ']d2', ']Q3', ']e0', ']J1']) {
      expect(read(`${symbology}${text}`)).toEqual({ text, ...known });
      expect(read(`${symbology}${GS}${text}\r`)).toEqual({ text, ...known });
    }
    expect(read(`${GS}${text}${GS}`)).toMatchObject(known);
  });

  it('needs no GTIN where a symbology, a separator or brackets say what it is', () => {
    const known = { batch: 'L1', expiresAtMs: end('2026-12-30') };
    expect(read(`]C1${`17261230`}10L1`)).toEqual({ text: '1726123010L1', ...known });
    expect(read(`10L1${GS}17261230`)).toMatchObject(known);
    expect(read('(17)261230(10)L1')).toMatchObject(known);
    expect(read('1726123010L1')).toEqual({ text: '1726123010L1' });
  });

  it('is no GTIN because it looks like one', () => {
    expect(read('10123456789019')).toMatchObject({ gtin14: '10123456789019' });
    expect(read(']C110123456789019')).toEqual({ text: '10123456789019', batch: '123456789019' });
  });

  it.each([
    `(01)${GTIN}(17)261230(10)ABC123(21)9`,
    `]C1(01)${GTIN}(17)261230(10)ABC123(21)9`,
    `]d2(01)${GTIN}(21)9(10)ABC123(17)261230`,
  ])('is read as it is printed: %s', (scanned) => {
    expect(read(scanned)).toEqual({
      text: scanned.replace(/^\]../, ''),
      ...{ gtin14: GTIN, batch: 'ABC123', serial: '9', expiresAtMs: end('2026-12-30') },
    });
  });

  it('takes brackets within a batch as its own', () => {
    expect(read(`(01)${GTIN}(10)A(B)`)).toMatchObject({ batch: 'A(B)' });
    expect(read(`01${GTIN}10A(B)`)).toMatchObject({ batch: 'A(B)' });
  });

  it.each([
    ['a wrong check digit', '0109506000134353'],
    ['a wrong check digit, marked', ']C10109506000134353'],
    ['letters in the GTIN', ']C10195060001343AB'],
    ['a GTIN cut short', ']C101095060001343'],
    ['an unknown identifier', `]C101${GTIN}${'14260101'}`],
    ['no such month', `]C101${GTIN}17261301`],
    ['no month', `]C101${GTIN}17260001`],
    ['no such day', `]C101${GTIN}17260230`],
    ['no leap year', `]C101${GTIN}17270229`],
    ['a date in letters', `]C101${GTIN}1726AB01`],
    ['a date cut short', `]C101${GTIN}172612`],
    ['a batch of 21', `]C101${GTIN}10${'X'.repeat(21)}`],
    ['a batch of a character that GS1 has not', `]C101${GTIN}10A#1`],
    ['a batch with a blank', `]C101${GTIN}10A 1`],
    ['an empty batch', `]C101${GTIN}10${GS}17261230`],
    ['a separator that was lost', `]C101${GTIN}10ABC17261230${'21SERIAL12'}`],
    ['a count of none', `]C102${GTIN}370`],
    ['a count that is no number', `]C102${GTIN}37A`],
    ['a count of nine digits', `]C102${GTIN}37${'1'.repeat(9)}`],
    ['content without a count', `]C102${GTIN}`],
    ['a count of no content', `]C101${GTIN}3712`],
    ['a trade item and content', `]C101${GTIN}02${GTIN}3712`],
    ['two batches', `]C101${GTIN}10A${GS}10B`],
    ['made after it expired', `]C101${GTIN}1126010217260101`],
    ['sold after it expired', `]C101${GTIN}1626010217260101`],
    ['an identifier in brackets that is another one', '(017)250630'],
    ['no end of it', `]C101${GTIN}10A${`${GS}240${'X'.repeat(30)}`.repeat(20)}`],
  ])('%s makes all of it a text', (_, scanned) => {
    expect(read(scanned)).toEqual({ text: scanned.replace(/^\]../, '') });
  });

  it('says the same batch twice without harm', () => {
    expect(read(`]C110A${GS}01${GTIN}10A`)).toMatchObject({ gtin14: GTIN, batch: 'A' });
  });
});

describe('a date', () => {
  const expiry = (yymmdd: string, nowMs: number) => {
    const { expiresAtMs } = readCode(`(17)${yymmdd}`, nowMs);
    return expiresAtMs === undefined ? 'text' : new Date(expiresAtMs).toISOString();
  };

  it.each([
    ['270131', '2027-01-31'],
    ['280229', '2028-02-29'],
    ['280200', '2028-02-29'],
    ['270200', '2027-02-28'],
    ['261200', '2026-12-31'],
    ['760101', '2076-01-01'],
    ['770101', '1977-01-01'],
    ['000229', '2000-02-29'],
  ])('17 %s is the end of %s', (yymmdd, day) => {
    expect(expiry(yymmdd, NOW_MS)).toBe(`${day}T23:59:59.999Z`);
  });

  it('is of the century that is nearest, whenever it is read', () => {
    expect(expiry('010101', Date.UTC(1999, 5))).toMatch('2001-01-01');
    expect(expiry('990101', Date.UTC(2026, 5))).toMatch('1999-01-01');
    expect(expiry('020101', Date.UTC(2099, 5))).toMatch('2102-01-01');
    expect(expiry('500101', Date.UTC(2000, 5))).toMatch('2050-01-01');
    expect(expiry('510101', Date.UTC(2000, 5))).toMatch('1951-01-01');
  });
});

describe('a text', () => {
  it.each([
    ['an FNSKU', 'X001ABCDEF'],
    ['a SKU', 'SHIRT-BLUE-M'],
    ['a SKU that looks like a batch element', '10ABC'],
    ['a SKU that looks like an expiry element', '17261231'],
    ['a box code', 'BOX/12/0042'],
    ['another script', '箱-42'],
    ['a bracket', '(A) 7'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ text });
  });

  it('loses what the scanner added, and only that', () => {
    expect(read(']C0X001ABCDEF\r\n')).toEqual({ text: 'X001ABCDEF' });
    expect(read(']A0SHIRT')).toEqual({ text: 'SHIRT' });
    expect(read(']SHIRT')).toEqual({ text: ']SHIRT' });
    expect(read(']C100095012345678903')).toMatchObject({ text: '00095012345678903' });
    expect(read(GS)).toEqual({ text: '' });
    expect(read(']C1')).toEqual({ text: '' });
  });
});

describe('whatever is scanned', () => {
  const part = fc.oneof(
    fc.constantFrom(']C1', ']d2', ']', GS, '(', ')', '(01)', GTIN),
    fc.constantFrom('01', '02', '10', '17', '21', '37'),
    fc.constantFrom('703', '23', '8003', '99', '261230', '000000', '\r\n', ' ', '\ud800', '\u0000'),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.stringMatching(/^\d{1,20}$/),
  );
  const right = fc.constantFrom('10A', '21B', '17261230', '11260101', '3012', '24099');
  const scans = fc.oneof(
    fc
      .tuple(
        fc.subarray([GS, ']C1', ']d2']),
        fc.array(fc.oneof(right, right, part), { maxLength: 3 }),
      )
      .map(([head, rest]) => `${head[0] ?? ''}01${GTIN}${rest.join(GS)}`),
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  it('is read without a throw, and what is said of it is right', () => {
    let understood = 0;
    fc.assert(
      fc.property(scans, fc.integer({ min: 0, max: 2 ** 42 }), (scanned, nowMs) => {
        const { text, gtin14, batch, serial, count, ...times } = readCode(scanned, nowMs);
        expect(scanned).toContain(text);
        if (gtin14 !== undefined) expect(readCode(gtin14, nowMs).gtin14).toBe(gtin14);
        for (const one of [batch, serial]) expect(one ?? 'A').toMatch(/^[!-z]{1,20}$/);
        expect(Number.isSafeInteger(count ?? 1) && (count ?? 1) > 0).toBe(true);
        for (const ms of Object.values(times)) expect(Number.isSafeInteger(ms)).toBe(true);
        if (gtin14 !== undefined) understood++;
      }),
      { numRuns: 5_000 },
    );
    expect(understood).toBeGreaterThan(200);
  });

  it('of elements that are right nothing is lost, in any order', () => {
    const code = fc.stringMatching(/^[!"%-'*-?A-Z_a-z]{1,20}$/);
    const day = fc.date({
      min: new Date('1990-01-01'),
      max: new Date('2070-12-31'),
      noInvalidDate: true,
    });
    const yymmdd = (at: Date): string => at.toISOString().slice(2, 10).replaceAll('-', '');
    const elements = fc.record({ batch: code, serial: code, day, variant: fc.nat({ max: 99 }) });
    fc.assert(
      fc.property(elements, fc.infiniteStream(fc.nat()), (said, order) => {
        const all: [string, string][] = [
          ['01', GTIN],
          ['10', said.batch],
          ['21', said.serial],
          ['17', yymmdd(said.day)],
          ['20', String(said.variant).padStart(2, '0')],
        ];
        const rank = new Map(all.map((one) => [one, order.next().value as number]));
        all.sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number));
        const known = {
          ...{ gtin14: GTIN, batch: said.batch, serial: said.serial },
          expiresAtMs: end(said.day.toISOString().slice(0, 10)),
        };
        expect(read(`]C1${all.map((one) => one.join('')).join(GS)}`)).toMatchObject(known);
        expect(read(all.map(([ai, data]) => `(${ai})${data}`).join(''))).toMatchObject(known);
      }),
      { numRuns: 1_000 },
    );
  });
});
