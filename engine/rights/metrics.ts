import { Counter, type Registry } from 'prom-client';
import type { Selling } from './selling.ts';

type Read = (selling: Pick<Selling, 'seller' | 'moves'>) => number;

const COUNTERS: readonly [name: string, help: string, read: Read][] = [
  [
    'holdfast_sale_lines_total',
    'Lines of orders that shops of the selling point of this node were sold',
    ({ seller }) => seller.counters.lines,
  ],
  [
    'holdfast_sale_lines_local_total',
    'Of these: those for which the point had the rights when they came',
    ({ seller }) => seller.counters.localLines,
  ],
  [
    'holdfast_rights_grants_total',
    'Grants of rights to selling points by the homes of this node',
    ({ moves }) => moves.grants,
  ],
  [
    'holdfast_rights_returns_total',
    'Rights that came back to the homes of this node, a lane at a time',
    ({ moves }) => moves.returns,
  ],
];

/** What a node tells of its selling. */
export function sellingMetrics(
  registry: Registry,
  selling: Pick<Selling, 'seller' | 'moves'>,
): void {
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read(selling));
      },
    });
  }
}
