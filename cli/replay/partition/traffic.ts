import type { Traffic } from './report.ts';

const SERIES = {
  lines: 'holdfast_sale_lines_total',
  localLines: 'holdfast_sale_lines_local_total',
  grants: 'holdfast_rights_grants_total',
  returns: 'holdfast_rights_returns_total',
} as const satisfies Record<keyof Traffic, string>;

/** What the nodes at these addresses have counted, together. */
export async function trafficOf(nodes: readonly string[]): Promise<Traffic> {
  const sum = { lines: 0, localLines: 0, grants: 0, returns: 0 };
  for (const http of nodes) {
    const answer = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const text = await answer.text();
    for (const [field, name] of Object.entries(SERIES)) {
      const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
      if (value === undefined) throw new Error(`${http} does not tell ${name}`);
      sum[field as keyof Traffic] += Number(value);
    }
  }
  return sum;
}
