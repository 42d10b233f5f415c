import { Counter, Trend } from 'k6/metrics';

/** From the due time to the final answer, ms. k6's clock has whole milliseconds. */
export const latency = new Trend('holdfast_latency', true);
/** From the due time to the send, ms. */
export const late = new Trend('holdfast_late', true);
export const accepted = new Counter('holdfast_accepted');
export const insufficient = new Counter('holdfast_insufficient');
/** Refused for another reason than want of goods. */
export const unexpected = new Counter('holdfast_unexpected');
export const answeredInTime = new Counter('holdfast_answered_in_time');
export const sentInTime = new Counter('holdfast_sent_in_time');
export const sentAgain = new Counter('holdfast_sent_again');
export const unanswered = new Counter('holdfast_unanswered');
/** Connections that ended unasked. */
export const broke = new Counter('holdfast_broke');
/** What accepted steps changed, units. */
export const onHand = new Counter('holdfast_on_hand');
export const allocated = new Counter('holdfast_allocated');
/** Ledger lines that they must have left. */
export const lines = new Counter('holdfast_lines');

/** Writes all of it to a file, and nothing else. */
export const summaryOf =
  (file: string) =>
  ({ metrics }: { metrics: unknown }): Record<string, string> => ({
    [file]: JSON.stringify(metrics),
  });
