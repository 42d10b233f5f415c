import { join } from 'node:path';
import { packageRoot } from './version.ts';

/** `holdfast` as it was built: what starts it as a process of its own may itself run from the sources. */
export const PROGRAM = join(packageRoot(), 'dist', 'cli', 'main.js');
