import { type Logger, pino } from 'pino';

/** Logs go to stderr, one line a problem; stdout is for answers. */
export function openLog(level: string): Logger {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}
