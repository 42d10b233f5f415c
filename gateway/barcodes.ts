import { createRequire } from 'node:module';
import { isGtin, plainCode } from '../actors/catalogue/gtin.ts';

/** What a scan says before any catalogue is asked. Times in epoch ms. */
export interface Barcode {
  /** As it was read, without what the scanner added: of a code that is no GTIN, all there is. */
  readonly text: string;
  /** GTIN-8, 12 and 13 are filled up with zeros. Its check digit is right. */
  readonly gtin14?: string;
  /** GS1 calls it a lot. */
  readonly batch?: string;
  /** When the day of production begins. */
  readonly startMs?: number;
  /** When its last day ends: of use, or where that is not said, at best quality. */
  readonly expiresAtMs?: number;
  /** When the last day of sale ends. */
  readonly sellUntilMs?: number;
  readonly serial?: string;
  /** Pieces: of a trade item of varying count, or inside a logistic unit. */
  readonly count?: number;
}

/**
 * A GTIN by itself, a GS1 element string (scanned, or as printed beneath, in
 * brackets), or else only text: an FNSKU, a box's own code, a SKU. A GS1 code that
 * is damaged, or contradicts itself, is text too: better unknown than half
 * understood. `nowMs` says in which century a year of two digits is.
 */
export function readCode(scanned: string, nowMs: number): Barcode {
  const { text, isGs1 } = bare(scanned);
  const isMarked = isGs1 || BRACKETED.test(text) || text.includes(FNC1);
  if (!isMarked && isGtin(text)) return { text, gtin14: plainCode(text) };
  if (!isMarked && !UNMARKED.test(text)) return { text };
  const said = text.length <= LONGEST ? elementsOf(text) : undefined;
  return { text, ...(said && barcodeOf(said, nowMs)) };
}

/** ASCII 29, group separator: how scanners send FNC1. */
const FNC1 = '\u001d';
/** ISO/IEC 15424: which symbology, as scanners may say it. */
const SYMBOLOGY = /^\][A-Za-z][0-9A-F]/;
/** GS1-128, DataBar and composites, DataMatrix, QR Code, DotCode. */
const GS1_SYMBOLOGIES: ReadonlySet<string> = new Set([
  ...[']C1', ']e0', ']e1', ']e2', ']d2', ']Q3', ']J1'],
]);
const BRACKETED = /^\(\d{2,4}\)/;
/** Where nothing says that it is GS1, only a GTIN does: any short number looks like some element. */
const UNMARKED = /^0[12]\d{14}/;
/** Characters; what is on goods is shorter by far. */
const LONGEST = 512;

/** Without what the scanner put around it: the symbology, a first FNC1, blanks and line ends. */
function bare(scanned: string): { readonly text: string; readonly isGs1: boolean } {
  const symbology = SYMBOLOGY.exec(scanned.trim())?.[0] ?? '';
  let text = scanned.trim().slice(symbology.length);
  const hasFnc1 = text.startsWith(FNC1);
  while (text.startsWith(FNC1)) text = text.slice(1);
  return { text: text.trim(), isGs1: hasFnc1 || GS1_SYMBOLOGIES.has(symbology) };
}

/** By application identifier, as they stand there. */
type Elements = ReadonlyMap<string, string>;

interface Gs1Parser {
  parseBarcode(text: string): { parsedCodeItems: { ai: string; raw: string }[] };
}
const gs1 = createRequire(import.meta.url)('gs1-barcode-parser-mod') as Gs1Parser;

/** Undefined where the parser, which throws texts, finds a fault; or one element twice with other content. */
function elementsOf(text: string): Elements | undefined {
  const elements = new Map<string, string>();
  try {
    for (const { ai, raw } of gs1.parseBarcode(`]C1${text}`).parsedCodeItems) {
      if ((elements.get(ai) ?? raw) !== raw) return undefined;
      elements.set(ai, raw);
    }
  } catch {
    return undefined;
  }
  return elements;
}

type Known = Omit<Barcode, 'text'>;
type Read = (raw: string, nowMs: number) => string | number | undefined;

/** 1 to 20 of GS1's character set 82. */
const name: Read = (raw) => (/^[!"%-?A-Z_a-z]{1,20}$/.test(raw) ? raw : undefined);
const gtin: Read = (raw) => (isGtin(raw) ? raw : undefined);
const count: Read = (raw) => (/^\d{1,8}$/.test(raw) && Number(raw) > 0 ? Number(raw) : undefined);

const DAY_MS = 86_400_000;

/** `YYMMDD` as the ms when that day begins, UTC. Day 00 is the last of its month. */
function dayMs(raw: string, nowMs: number): number | undefined {
  const [, yy, mm, dd] = /^(\d\d)(\d\d)(\d\d)$/.exec(raw) ?? [];
  if (yy === undefined) return undefined;
  const [year, month] = [fullYear(Number(yy), nowMs), Number(mm)];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const day = Number(dd) || last;
  return month >= 1 && month <= 12 && day <= last ? Date.UTC(year, month - 1, day) : undefined;
}

/** The year that is at most 49 back and 50 ahead (GS1 General Specifications 7.12). */
function fullYear(yy: number, nowMs: number): number {
  const now = new Date(nowMs).getUTCFullYear();
  const year = now - (now % 100) + yy;
  if (year - now > 50) return year - 100;
  return year - now < -49 ? year + 100 : year;
}

function dayEndMs(raw: string, nowMs: number): number | undefined {
  const begin = dayMs(raw, nowMs);
  return begin === undefined ? undefined : begin + DAY_MS - 1;
}

/** Of two for one field the later counts. Other identifiers say nothing that is used. */
const FIELDS: readonly (readonly [ai: string, keyof Known, Read])[] = [
  ['01', 'gtin14', gtin],
  ['02', 'gtin14', gtin],
  ['10', 'batch', name],
  ['11', 'startMs', dayMs],
  ['15', 'expiresAtMs', dayEndMs],
  ['17', 'expiresAtMs', dayEndMs],
  ['16', 'sellUntilMs', dayEndMs],
  ['21', 'serial', name],
  ['30', 'count', count],
  ['37', 'count', count],
];

/** Undefined where an element is not what its identifier says, or two do not go together. */
function barcodeOf(said: Elements, nowMs: number): Known | undefined {
  const known: Partial<Record<keyof Known, string | number>> = {};
  for (const [ai, field, read] of FIELDS) {
    const raw = said.get(ai);
    if (raw === undefined) continue;
    const value = read(raw, nowMs);
    if (value === undefined) return undefined;
    known[field] = value;
  }
  return isConsistent(said, known as Known) ? (known as Known) : undefined;
}

/** A logistic unit's content has a count and is no trade item itself; the dates of a batch are in order. */
function isConsistent(said: Elements, { startMs, expiresAtMs, sellUntilMs }: Known): boolean {
  const isContent = said.has('02');
  if (isContent !== said.has('37') || (isContent && said.has('01'))) return false;
  if (expiresAtMs === undefined) return true;
  return (startMs ?? expiresAtMs) <= expiresAtMs && (sellUntilMs ?? expiresAtMs) <= expiresAtMs;
}
