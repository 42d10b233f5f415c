import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** A thread of rules that dies when it is asked for history, and cannot start while its folder has a file `broken`. */
const { dir } = workerData;
appendFileSync(join(dir, 'starts'), '.');
if (existsSync(join(dir, 'broken'))) {
  parentPort.postMessage({ kind: 'failed', why: 'it is broken' });
  process.exit(1);
}
const standing = JSON.parse(readFileSync(join(dir, 'standing.json'), 'utf8'));
parentPort.postMessage({ kind: 'standing', owner: 'demo', standing });
parentPort.on('message', ({ kind, id, name }) => {
  if (kind === 'close') process.exit();
  if (name === 'history') throw new Error('it dies');
  if (name === 'show') parentPort.postMessage({ kind: 'told', id, told: 'shown' });
});
parentPort.postMessage({ kind: 'ready' });
