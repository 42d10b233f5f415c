import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KindName } from './kinds.ts';
import { MUTANTS, type Mutant } from './mutations.ts';
import { REGION_MUTANTS } from './regions/mutations.ts';

const DIST = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = [
  'actors',
  'engine',
  'gateway',
  'oms',
  'rules',
  join('test', 'sim'),
  join('test', 'support'),
];
const FLAGS = { region: [], regions: ['--regions'], long: ['--long'] } as const;
const HANGS_AFTER_MS = 1_800_000;

export interface Caught {
  readonly mutant: string;
  /** How many seeds it took; 0 if none found it. */
  readonly seeds: number;
  /** The rule that did not hold, and what was said. */
  readonly rule: string;
  readonly what: string;
}

/** Texts that are not there just once in the program as it was built: their mutants prove nothing any more. */
export function unapplied(): string[] {
  return [...MUTANTS, ...REGION_MUTANTS].flatMap(({ name, edits }) =>
    edits.flatMap(({ file, find }) =>
      readFileSync(join(DIST, file), 'utf8').split(find).length === 2
        ? []
        : [`${name}: ${file}: ${find}`],
    ),
  );
}

/** Runs the simulation on each mutant, some at a time, and says after how many seeds each was found. */
export async function runMutants(
  kind: KindName,
  most: number,
  threads: number,
  told: (caught: Caught) => void,
): Promise<Caught[]> {
  const waiting = [...(kind === 'region' ? MUTANTS : REGION_MUTANTS).entries()];
  const found: Caught[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, mutant] = next;
      found[at] = await runMutant(mutant, kind, most);
      told(found[at]);
    }
  };
  await Promise.all(Array.from({ length: threads }, worker));
  return found;
}

async function runMutant(mutant: Mutant, kind: KindName, most: number): Promise<Caught> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutant-'));
  try {
    for (const part of PARTS) cpSync(join(DIST, part), join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(nodeModules(), join(folder, 'node_modules'), 'junction');
    for (const { file, find, replace } of mutant.edits) edit(join(folder, file), find, replace);
    return { mutant: mutant.name, ...(await firstFailure(folder, kind, most)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Those that this very program uses. */
function nodeModules(): string {
  const [before] = fileURLToPath(import.meta.resolve('msgpackr')).split(
    join('node_modules', 'msgpackr'),
  );
  return join(before as string, 'node_modules');
}

function edit(path: string, find: string, replace: string): void {
  const text = readFileSync(path, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `${path} has ${parts.length - 1} times, not once:\n${find}\nChange the mutant.`,
    );
  }
  writeFileSync(path, parts.join(replace));
}

function firstFailure(
  folder: string,
  kind: KindName,
  most: number,
): Promise<Omit<Caught, 'mutant'>> {
  const program = join(folder, 'test', 'sim', 'main.js');
  const args = [program, '--seeds', String(most), '--first', '--json', ...FLAGS[kind]];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const hangs = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += String(bytes);
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(hangs);
      resolve(verdict(said));
    });
  });
}

function verdict(said: string): Omit<Caught, 'mutant'> {
  // A copy that cannot even run is no proof that anything looks.
  if (said === '') return { seeds: 0, rule: 'ended', what: 'it crashed or did not end' };
  const { seeds, failures } = JSON.parse(said) as {
    readonly seeds: number;
    readonly failures: readonly { readonly rule: string; readonly what: string }[];
  };
  const [first] = failures;
  if (first === undefined) return { seeds: 0, rule: '', what: 'not found' };
  return { seeds, rule: first.rule, what: first.what.split('\n')[0] ?? '' };
}
