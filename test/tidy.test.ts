import { readdirSync, readFileSync } from 'node:fs';
import { extname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Which folders the code of a folder may import besides its own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  actors: [],
  engine: ['actors', 'rules'],
  rules: ['actors'],
  gateway: ['engine', 'actors', 'rules'],
  oms: ['engine', 'actors', 'rules'],
  client: ['actors'],
  cli: ['actors', 'engine', 'gateway', 'oms', 'rules', 'client', 'loadtest', 'setup'],
  loadtest: ['actors', 'engine', 'gateway', 'oms', 'rules', 'client', 'cli', 'setup'],
  setup: [],
  test: ['actors', 'engine', 'gateway', 'oms', 'rules', 'client', 'cli', 'loadtest', 'setup'],
};
/** What a test beside the code may import as well. */
const TESTS_MAY_IMPORT = ['test', 'setup'];

/** Started by name, so nothing imports them. A new worker file goes here. */
const STARTED_BY_NAME = [
  'cli/main.ts',
  'loadtest/chart/main.ts',
  'loadtest/check/main.ts',
  'setup/prepare.mjs',
  'setup/run.mjs',
  'setup/test.mjs',
  'setup/totals-reporter.mjs',
  'test/faults/main.ts',
  'test/rights/main.ts',
  'test/sim/main.ts',
];

const MAX_LINES = 400;

/** The same commands must give the same events on every node and in every replay. */
const IMPURE = /\b(?:Date|Promise|async|await|Math\.random|setTimeout|setInterval|performance)\b/g;

interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

describe('tidy', () => {
  const files = readSources();

  test('every source folder has its place in the order of imports', () => {
    expect(foldersWithoutPlace(files)).toEqual([]);
  });
  test('imports go one way only', () => {
    expect(files.flatMap(wrongImports)).toEqual([]);
  });
  test('actors have no I/O, no clock, no chance and no promises', () => {
    expect(files.flatMap(impurities)).toEqual([]);
  });
  test(`no source file is longer than ${MAX_LINES} lines`, () => {
    expect(files.flatMap(overlong)).toEqual([]);
  });
  test('every source file is used', () => {
    expect(unused(files)).toEqual([]);
  });
  test('types are never switched off', () => {
    expect(files.flatMap(untyped)).toEqual([]);
  });
});

describe('tidy finds', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  test.each([
    ['engine/a.ts', "import { x } from '../gateway/b.ts';"],
    ['engine/a.ts', "import {\n  x,\n  y,\n} from '../oms/b.ts';"],
    ['oms/a.ts', "export { x } from '../gateway/b.ts';"],
    ['cli/a.ts', "  await import('../test/b.ts');"],
    ['actors/a.ts', "import { x } from 'node:fs';"],
    ['actors/a.ts', "import { z } from 'zod';"],
    ['client/a.ts', "import { x } from '../actors/b.ts';"],
    ['setup/a.mjs', "import pino from 'pino';"],
  ])('a wrong import in %s: %j', (path, text) => {
    expect(wrongImports(file(path, text))).toHaveLength(1);
  });

  test.each([
    ['gateway/a.ts', "import { x } from '../engine/b.ts';"],
    ['client/a.ts', "import type { X } from '../actors/b.ts';"],
    ['actors/a.test.ts', "import { x } from 'vitest';\nimport { y } from '../test/b.ts';"],
  ])('nothing wrong in %s: %j', (path, text) => {
    expect(wrongImports(file(path, text))).toEqual([]);
  });

  test('a clock in an actor, but not in its comments, texts or tests', () => {
    expect(impurities(file('actors/a.ts', 'const t = Date.now();'))).toHaveLength(1);
    expect(impurities(file('actors/a.ts', "// Date\nconst s = 'await';"))).toEqual([]);
    expect(impurities(file('actors/a.test.ts', 'Date.now();'))).toEqual([]);
  });

  test('a file that only its own test imports', () => {
    const main = file('cli/main.ts', "import { b } from '../engine/b.ts';");
    const b = file('engine/b.ts', "new Worker(new URL('./worker.js', import.meta.url));");
    const lone = file('engine/lone.ts', '');
    const its = file('engine/lone.test.ts', "import { x } from './lone.ts';");
    const worker = file('engine/worker.ts', '');
    expect(unused([main, b, lone, its, worker])).toEqual([expect.stringMatching(/^engine\/lone/)]);
  });

  test('a type switched off', () => {
    for (const text of ['let x: any;', 'x as any', 'Array<any>', '// @ts-ignore']) {
      expect(untyped(file('oms/a.ts', text))).toHaveLength(1);
    }
    expect(untyped(file('oms/a.ts', '// as: any\nconst many = 1;'))).toEqual([]);
  });

  test('a file that is too long', () => {
    expect(overlong(file('oms/a.ts', '\n'.repeat(MAX_LINES)))).toEqual([]);
    expect(overlong(file('oms/a.ts', '\n'.repeat(MAX_LINES + 1)))).toHaveLength(1);
  });
});

function foldersWithoutPlace(files: readonly SourceFile[]): string[] {
  const folders = new Set(files.map((f) => folderOf(f.path)));
  return [...folders]
    .filter((folder) => MAY_IMPORT[folder] === undefined)
    .map((folder) => `${folder}/ is new: say in MAY_IMPORT which folders it may import`);
}

function wrongImports(file: SourceFile): string[] {
  const own = folderOf(file.path);
  const more = isTest(file.path) ? TESTS_MAY_IMPORT : [];
  const allowed = [own, ...(MAY_IMPORT[own] ?? []), ...more];
  return importsOf(file).flatMap(({ from, typeOnly }) => {
    const wrong = (why: string) => [`${file.path} imports ${from}: ${why}`];
    if (!from.startsWith('.')) return isBarePackageAllowed(file, from) ? [] : wrong(PACKAGE_ADVICE);
    const folder = folderOf(resolveFrom(file, from));
    if (!allowed.includes(folder)) {
      return wrong(`${own}/ may import only ${allowed.join(', ')}; move the code, or pass it in`);
    }
    const needsType = own === 'client' && folder === 'actors' && !isTest(file.path);
    return needsType && !typeOnly ? wrong('client/ takes types only; use `import type`') : [];
  });
}

const PACKAGE_ADVICE =
  'actors/ imports nothing from outside, setup/ only node: (it runs before packages are there); pass it in';

function isBarePackageAllowed(file: SourceFile, from: string): boolean {
  if (isTest(file.path)) return true;
  const folder = folderOf(file.path);
  return folder === 'setup' ? from.startsWith('node:') : folder !== 'actors';
}

function impurities(file: SourceFile): string[] {
  if (folderOf(file.path) !== 'actors' || isTest(file.path)) return [];
  const found = new Set(codeOf(file.text).match(IMPURE));
  return [...found].map((word) => `${file.path} uses ${word}: take the value as an argument`);
}

function overlong(file: SourceFile): string[] {
  const lines = file.text.split('\n').length - 1;
  if (isTest(file.path) || lines <= MAX_LINES) return [];
  return [`${file.path} has ${lines} lines: split it into files named for one thing each`];
}

function unused(files: readonly SourceFile[]): string[] {
  const used = new Set(STARTED_BY_NAME);
  for (const file of files) {
    for (const path of referencesOf(file)) {
      if (file.path !== path.replace(/\.(ts|mjs)$/, '.test.$1')) used.add(path);
    }
  }
  return files
    .filter((f) => !isTest(f.path) && !f.path.endsWith('.d.mts') && !used.has(f.path))
    .map(
      (f) =>
        `${f.path} is used by nothing but its own test: use it, remove it, or list it in STARTED_BY_NAME`,
    );
}

/** Imports, and files named relative to the module, such as workers. */
function referencesOf(file: SourceFile): string[] {
  const imports = importsOf(file).map((i) => i.from);
  const urls = [...file.text.matchAll(/new URL\(\s*'(\.[^']+)'/g)].map((m) => m[1] as string);
  return [...imports, ...urls]
    .filter((from) => from.startsWith('.'))
    .map((from) => resolveFrom(file, from).replace(/\.js$/, '.ts'));
}

function untyped(file: SourceFile): string[] {
  if (isTest(file.path) || extname(file.path) !== '.ts') return [];
  const anys = codeOf(file.text).match(/(?::|\bas|[<,|&])\s*any\b/g) ?? [];
  const silenced = file.text.match(/@ts-(?:ignore|nocheck)/g) ?? [];
  return [...anys, ...silenced].map(
    (what) => `${file.path} has "${what}": write the type, or unknown`,
  );
}

/** Statements as the formatter leaves them, `import()` anywhere. */
function importsOf({ text }: SourceFile): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s(type\s)?(?:[^;'"]*?\sfrom\s)?'([^']+)'/gm);
  const calls = text.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [
    ...[...statements].map((m) => ({ from: m[2] as string, typeOnly: m[1] !== undefined })),
    ...[...calls].map((m) => ({ from: m[1] as string, typeOnly: false })),
  ];
}

/** Without comments and with empty texts. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    "''",
  );
}

const folderOf = (path: string): string => path.split('/')[0] as string;
const isTest = (path: string): boolean => /\.test\.(ts|mjs)$/.test(path);
const resolveFrom = (file: SourceFile, from: string): string =>
  posix.join(posix.dirname(file.path), from);

function readSources(): SourceFile[] {
  const root = fileURLToPath(new URL('..', import.meta.url));
  return readdirSync(root, { withFileTypes: true })
    .filter((d) => d.isDirectory() && !d.name.startsWith('.'))
    .filter((d) => d.name !== 'node_modules' && d.name !== 'dist')
    .flatMap((d) =>
      readdirSync(`${root}/${d.name}`, { recursive: true }).map((f) => `${d.name}/${f}`),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(ts|mts|mjs)$/.test(path))
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
}
