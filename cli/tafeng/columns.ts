/** The columns that matter, found by name, since their order is the publisher's. */
import { StartError } from '../../engine/errors.ts';
import type { Row } from './rows.ts';

type Column = 'TRANSACTION_DT' | 'CUSTOMER_ID' | 'PIN_CODE' | 'PRODUCT_ID' | 'AMOUNT';
/** Where each column stands in a row, and how many fields a row has. */
export type Columns = Record<Column, number> & { readonly count: number };

/** Reads the header. Throws StartError if a column is not in it. */
export function readHeader(row: Row): Columns {
  const names = Array.from({ length: row.fields }, (_, i) => row.text(i));
  const at = (name: Column): number => {
    const column = names.indexOf(name);
    if (column < 0) throw new StartError(`not a Ta-Feng CSV: it has no column ${name}`);
    return column;
  };
  return {
    TRANSACTION_DT: at('TRANSACTION_DT'),
    CUSTOMER_ID: at('CUSTOMER_ID'),
    PIN_CODE: at('PIN_CODE'),
    PRODUCT_ID: at('PRODUCT_ID'),
    AMOUNT: at('AMOUNT'),
    count: names.length,
  };
}
