/** Which way stock may be adjusted for a reason. */
export type Direction = 'gain' | 'loss' | 'either';

/** Why books are adjusted, by code. */
export const REASONS = {
  damaged: 'loss',
  'damaged-by-water': 'loss',
  'damaged-by-pests': 'loss',
  'damaged-in-picking': 'loss',
  'damaged-in-transport': 'loss',
  expired: 'loss',
  spoiled: 'loss',
  melted: 'loss',
  lost: 'loss',
  stolen: 'loss',
  'missing-after-pick': 'loss',
  scrapped: 'loss',
  destroyed: 'loss',
  donated: 'loss',
  'given-away': 'loss',
  sample: 'loss',
  'photo-shoot': 'loss',
  'quality-test': 'loss',
  'own-use': 'loss',
  'used-in-repair': 'loss',
  'used-in-assembly': 'loss',
  'shipped-too-many': 'loss',
  'received-too-few': 'loss',
  'recalled-destroyed': 'loss',
  'customs-seized': 'loss',
  evaporated: 'loss',
  found: 'gain',
  'returned-unannounced': 'gain',
  'shipped-too-few': 'gain',
  'received-too-many': 'gain',
  'supplier-gift': 'gain',
  'recovered-from-scrap': 'gain',
  'made-in-assembly': 'gain',
  'opening-balance': 'gain',
  'count-difference': 'either',
  'booking-error': 'either',
  'wrong-sku': 'either',
  'wrong-batch': 'either',
  'unit-of-measure': 'either',
  'system-migration': 'either',
  reconciliation: 'either',
  other: 'either',
} as const satisfies Record<string, Direction>;

export type ReasonCode = keyof typeof REASONS;

/** Which way it may go; undefined where there is no such code. */
export const directionOf = (reason: string): Direction | undefined =>
  Object.hasOwn(REASONS, reason) ? REASONS[reason as ReasonCode] : undefined;
