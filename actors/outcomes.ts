/**
 * The one catalogue of refusals (rule S8), in the order in which they are
 * checked. docs/OUTCOMES.md is held equal to it by a test.
 *
 * `retry: true` says that the same command under the same number may succeed
 * later without anybody changing it.
 */
interface CatalogueEntry {
  readonly where: 'edge' | 'router' | 'session' | 'actor' | 'document';
  readonly retry: boolean;
  /** For a person. `{asked}` and `{available}` are filled in from the refusal. */
  readonly message: string;
}

const edge = (message: string, retry = false): CatalogueEntry => ({
  where: 'edge',
  retry,
  message,
});
const router = (message: string, retry: boolean): CatalogueEntry => ({
  where: 'router',
  retry,
  message,
});
const session = (message: string, retry = false): CatalogueEntry => ({
  where: 'session',
  retry,
  message,
});
const document = (message: string): CatalogueEntry => ({
  where: 'document',
  retry: false,
  message,
});
const actor = (message: string, retry = false): CatalogueEntry => ({
  where: 'actor',
  retry,
  message,
});

export const CATALOGUE = {
  malformed: edge(
    'This frame cannot be read. Send one JSON or msgpack object, or an array of them.',
  ),
  too_large: edge('This is larger than the limit told in the hello reply. Split it.'),
  hello_first: edge('Say hello with a token first.'),
  token_invalid: edge('This token is not one of ours. Ask for a new one: holdfast token.'),
  token_expired: edge('This token has expired. Ask for a new one: holdfast token.'),
  unknown_op: edge('There is no such op. docs/PROTOCOL.md lists them.'),
  bad_field: edge('A field is missing or has the wrong type.'),
  bad_qty: edge('A quantity is a whole number from 1 to 9007199254740991.'),
  forbidden: edge('Your token does not cover this owner, warehouse or op.'),
  rate_limited: edge('Too many commands a second. Wait a moment and send it again.', true),
  too_many_in_flight: edge('Too many unanswered commands. Wait for answers first.', true),
  not_owned: router('This warehouse is served by another node.', true),
  other_region: router('This warehouse belongs to another region. Ask there.', false),
  stopped: router(
    'This warehouse is stopped because its records are damaged. Call an operator.',
    true,
  ),
  overloaded: router('This warehouse has too much to do just now. Send it again.', true),
  moved: router('This warehouse is changing hands. Send the same number again.', true),
  unknown: router(
    'Its answer was lost, so it may or may not have been done. Look before you send it again.',
    false,
  ),
  number_too_old: session('This number was settled and forgotten. It was not applied again.'),
  id_reused: session('This number was used before for something else. Use the next number.'),
  doc_reused: document('This document id stands for something else. Choose another.'),
  unknown_document: document('There is no such document in this warehouse.'),
  wrong_state: document('The document is not in a state for this.'),
  unknown_line: document('The document has no such line.'),
  exceeds_line: document('Only {available} of {asked} are left on that line.'),
  over_receipt: document(
    'Only {available} of {asked} may be received on that line. Set the rest aside and ask.',
  ),
  line_moved: document('This place has changed since it was counted. Count it again.'),
  wrong_warehouse: document('This is bound for another warehouse.'),
  needs_approval: document('This is above the limit. Somebody who may approve it has to.'),
  unknown_reason: document('There is no such reason code.'),
  not_the_task: document('This is not what you were asked to do.'),
  no_task: document('There is nothing to do just now.'),
  unknown_code: document('This barcode is not in the catalogue.'),
  ambiguous_code: document('This barcode stands for more than one thing. Say which.'),
  clock_ahead: actor('The time of this scan lies in the future. Set the clock of the device.'),
  awaits_points: actor(
    'This warehouse was restored, and sells nothing before all selling points have said what they have.',
  ),
  unknown_sku: actor('This warehouse has never received this SKU. Receive it first.'),
  hold_exists: actor('This hold id was used before. Choose another.'),
  unknown_hold: actor('There is no such hold on this SKU here.'),
  already_shipped: actor('This hold has shipped. Take the goods back as a return.'),
  hold_ended: actor('This hold has ended: released, cancelled or expired.'),
  hold_soft: actor('This hold is soft and may expire. Harden it first.'),
  hold_hard: actor('This hold is hard already.'),
  already_picked: actor('Picked goods cannot be released. Cancel them, then put them back.'),
  exceeds_hold: actor('The hold has only {available} of {asked} at that stage.'),
  not_picked: actor('Only {available} of {asked} are picked. Pick them first.'),
  not_packed: actor('Only {available} of {asked} are packed. Pack them first.'),
  awaits_stock: actor(
    'Only {available} of {asked} are backed by stock; the rest awaits a receipt.',
  ),
  insufficient: actor('Only {available} of {asked} are available.'),
  stranded: actor(
    'Only {available} of {asked} can be sold here now. The rest lies where nobody can be reached, or its home has not said in time.',
    true,
  ),
  nothing_to_put_back: actor('Only {available} of {asked} await being put back.'),
  not_blocked: actor('Only {available} of {asked} are kept from sale for that reason.'),
  exceeds_transit: actor('Only {available} of {asked} are announced.'),
  exceeds_on_hand: actor('Only {available} are on hand; {asked} cannot be taken away.'),
  wrong_place: actor('Only {available} of {asked} lie there like that.'),
  line_pinned: actor(
    'Only {available} of {asked} may be taken from there: holds are pinned to the rest.',
  ),
  box_closed: actor('Whole boxes only: open a box first.'),
  serial_needed: actor('Scan the serial of each unit.'),
  serial_unknown: actor('This serial is not there.'),
  serial_seen: actor('This serial is here already. Count the place where it is said to be.'),
  serial_held: actor('This serial is promised to another hold.'),
  batch_differs: actor('This batch is known with other dates. Check the label.'),
  batch_kept: actor(
    'This batch may not be sold. Receive it as defective, or as pending inspection.',
  ),
  qty_overflow: actor('The balance would pass 9007199254740991.'),
} as const satisfies Record<string, CatalogueEntry>;

export type OutcomeCode = keyof typeof CATALOGUE;

/** Check order; a code's place is also its number in the journal, so only append within a format version. */
export const CODES = Object.keys(CATALOGUE) as readonly OutcomeCode[];

/** A command that was understood and not carried out. Nothing changed. */
export interface Refused {
  readonly ok: false;
  readonly code: OutcomeCode;
  /** Units asked for, where the refusal is about units; else 0. */
  readonly asked: number;
  /** Units there were, where the refusal is about units; else −1. */
  readonly available: number;
  /** Line of an `all` that was refused; else −1. */
  readonly line: number;
  /** What exactly was wrong, where the catalogue's sentence is not enough; else ''. */
  readonly detail: string;
}

export function refuse(code: OutcomeCode, asked = 0, available = -1, detail = ''): Refused {
  return { ok: false, code, asked, available, line: -1, detail };
}

/** True for what a caller did wrong, rather than what stock or load did not allow. */
export const isBadInput = (code: OutcomeCode): boolean =>
  (CATALOGUE[code].where === 'edge' && !CATALOGUE[code].retry) || code === 'id_reused';

export const isRetryable = (code: OutcomeCode): boolean => CATALOGUE[code].retry;

/** The sentence for a person. */
export function messageOf(r: Refused): string {
  const said = CATALOGUE[r.code].message
    .replace('{asked}', String(r.asked))
    .replace('{available}', String(Math.max(0, r.available)));
  return r.detail === '' ? said : `${said} (${r.detail})`;
}
