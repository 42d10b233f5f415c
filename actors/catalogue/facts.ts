/** A closed box of an item: what is printed on it, and how many base units are in it. */
export interface Packing {
  readonly code: string;
  readonly pieces: number;
}

/** What is known of an item: one SKU of one owner in one warehouse. */
export interface ItemFacts {
  /** What the base unit is called; '' for none. */
  readonly unit: string;
  readonly boxes: readonly Packing[];
  /** Labels of marketplaces on single units. */
  readonly fnskus: readonly string[];
  /** GTINs and other codes of a single unit. */
  readonly barcodes: readonly string[];
  /** A receipt names its batch. */
  readonly batchManaged: boolean;
  /** A receipt and a pick name each unit. */
  readonly serialManaged: boolean;
  /** Days from the start of a batch to its expiry; 0 where that is not known. */
  readonly shelfLifeDays: number;
  /** Days before its expiry at which a batch leaves sale. */
  readonly marginDays: number;
  /** Where single units are picked; '' for nowhere in particular. */
  readonly pickLocation: string;
  /** With fewer units there it is filled up to `pickMax`. */
  readonly pickMin: number;
  readonly pickMax: number;
}
