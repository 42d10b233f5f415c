/** Runs one part so many times, for somebody who counts from outside: `counted.js <part> <frames>`. */
import { PARTS, partOf } from './parts.ts';

const [, , name, frames] = process.argv;
const found = PARTS.find((part) => part === name);
if (found === undefined) throw new Error(`there is no part ${name}`);
const { run } = partOf(found);
for (let i = 0; i < Number(frames); i++) run();
