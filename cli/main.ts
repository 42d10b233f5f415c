#!/usr/bin/env node
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { StartError } from '../engine/errors.ts';
import { SCENARIO_NAMES } from '../loadtest/scenarios/names.ts';
import { defaultDataDir } from './data.ts';
import { VERSION } from './version.ts';

/** What a person can put right is told in one line; anything else is a bug and shows its stack. */
function fail(e: unknown): never {
  const isTheirs = e instanceof StartError || (e as Error)?.constructor?.name === 'SetupError';
  process.stderr.write(
    isTheirs ? `holdfast: ${(e as Error).message}\n` : `${(e as Error)?.stack}\n`,
  );
  process.exit(1);
}

const whole = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0) throw new InvalidArgumentError('a whole number, from 0');
  return n;
};
const regionName = (text: string): string => {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(text))
    throw new InvalidArgumentError('letters, digits, _ and -');
  return text;
};
const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const list = (text: string, before: readonly string[]): string[] => [...before, text];

const program = new Command('holdfast')
  .description('Real-time inventory: one actor for each SKU in each warehouse.')
  .version(VERSION);

program
  .command('up', { isDefault: true })
  .description('start everything on this machine: nats-server, a region node, the centre')
  .option('--port <n>', 'port for scanners and HTTP, 0 for any free one', whole, 7420)
  .option('--host <name>', 'address to listen on', '127.0.0.1')
  .option('--data <dir>', 'data folder', defaultDataDir())
  .option('--nodes <n>', 'region nodes, a process each, to use as many processors', whole, 1)
  .option('--regions <names>', 'regions beside the hub, by commas, each with its own server', names)
  .option('--places <file>', 'warehouses of regions, by name; else they begin with <region>-')
  .option('--routing <file>', 'warehouses and routing policy, for orders that name no warehouse')
  .option('--no-sample', 'start without the sample goods')
  .option('--json', 'print one line of JSON when ready', false)
  .option('--sync <interval>', 'how often nats-server syncs to disk: always, or a time', 'always')
  .option('--postgres <url>', "PostgreSQL for the centre's store, instead of the embedded one")
  .option('--snapshot-every <n>', 'journal records of a shard between two snapshots', whole)
  .option('--log-level <level>', 'error, warn, info or debug', 'warn')
  .action(async (options) => (await import('./up.ts')).up(options).catch(fail));

program
  .command('node')
  .description('start one node of a region of several, on a NATS server that runs already')
  .option('--nats <urls>', 'NATS servers with JetStream, by commas', 'nats://127.0.0.1:4222')
  .option('--region <name>', 'region of the node', regionName, 'local')
  .option(
    '--regions <names>',
    'all regions beside the hub, by commas, where there are several',
    names,
  )
  .option('--places <file>', 'warehouses of regions, by name; else they begin with <region>-')
  .option('--routing <file>', 'warehouses and routing policy, for orders that name no warehouse')
  .option('--port <n>', 'port for scanners and HTTP, 0 for any free one', whole, 7420)
  .option('--host <name>', 'address to listen on', '127.0.0.1')
  .option('--advertise <ws>', 'where scanners reach it, if not by host and port')
  .option('--data <dir>', 'data folder of this node alone', defaultDataDir())
  .option('--trust <file>', 'keys.json of the node whose tokens are good here too')
  .option('--trust-nats', 'take NATS requests without a token for an administrator’s', false)
  .option('--snapshots <dir>', 'folder that all nodes reach, instead of the object store')
  .option('--snapshot-every <n>', 'journal records of a shard between two snapshots', whole)
  .option('--replicas <n>', 'NATS servers that each journal is kept on: 1, 3 or 5', whole, 1)
  .option('--json', 'print one line of JSON when ready', false)
  .option('--log-level <level>', 'error, warn, info or debug', 'warn')
  .action(async (options) => (await import('./node.ts')).node(options).catch(fail));

program
  .command('oms')
  .description('start the centre of a region by itself')
  .option('--nats <urls>', 'NATS servers with JetStream, by commas', 'nats://127.0.0.1:4222')
  .option('--region <name>', 'region to read, where it is the only one', regionName, 'local')
  .option('--regions <names>', 'regions that are linked to this hub, by commas', names)
  .option('--places <file>', 'warehouses of regions, by name; else they begin with <region>-')
  .option('--data <dir>', 'data folder of the centre alone', defaultDataDir())
  .option('--postgres <url>', 'PostgreSQL for its store, instead of the embedded one')
  .option('--json', 'print one line of JSON when ready', false)
  .option('--log-level <level>', 'error, warn, info or debug', 'warn')
  .action(async (options) => (await import('./oms.ts')).oms(options).catch(fail));

program
  .command('regions')
  .description(
    'write what the nats-servers of a hub and its regions are told, on machines of their own',
  )
  .requiredOption('--hub <host:port>', 'where regions reach the hub')
  .requiredOption('--regions <names>', 'regions beside the hub, by commas', names)
  .option('--places <file>', 'warehouses of regions, by name; else they begin with <region>-')
  .option('--out <dir>', 'folder for the files', 'regions')
  .action(async (options) => (await import('./regions.ts')).regions(options).catch(fail));

const asking = (command: Command): Command =>
  command
    .option(
      '--nats <urls>',
      'NATS servers of a region or the hub, by commas',
      'nats://127.0.0.1:4222',
    )
    .option('--token <token>', 'where the server takes no request without one')
    .option('--json', 'print one line of JSON', false);

asking(program.command('explain'))
  .description('how a SKU is shared between selling points, and why')
  .argument('<owner/sku>')
  .action(async (sku, options) => (await import('./rights.ts')).explain(sku, options).catch(fail));

asking(program.command('bury'))
  .description(
    'give up the rights of a selling point’s life that cannot come back, at a booked risk',
  )
  .argument('<life>', 'as explain and the logs name it: eu.1')
  .option('--more <n>', 'units of risk that homes cannot know of', whole, 0)
  .action(async (life, options) => (await import('./rights.ts')).bury(life, options).catch(fail));

asking(program.command('leave'))
  .description('take a selling point out that is gone for good: its lives are buried everywhere')
  .argument('<region>', 'its name')
  .option('--lives <n>', 'how many it had: more than 1 where its journal lost its end', whole, 1)
  .action(async (region, options) =>
    (await import('./rights.ts')).leave(region, options).catch(fail),
  );

asking(program.command('pools'))
  .description('what each channel may sell of a SKU in a warehouse')
  .argument('<sku>', 'as owner/sku')
  .requiredOption('--warehouse <name>', 'where the goods lie')
  .action(async (sku, options) => (await import('./rights.ts')).pools(sku, options).catch(fail));

asking(program.command('flash'))
  .description('split a SKU over all selling points for a flash sale')
  .argument('<owner/sku>')
  .requiredOption('--warehouse <id>', 'where it lies')
  .option('--minutes <n>', 'how long', whole, 60)
  .action(async (sku, options) => (await import('./rights.ts')).flash(sku, options).catch(fail));

const rules = program
  .command('rules')
  .description('channels, allocations, warehouses and routing of an owner, edited by many');
const ruling = (name: string, description: string): Command =>
  asking(rules.command(name))
    .description(description)
    .option('--region <name>', 'whose node is asked; else the one that is there', regionName)
    .option('--owner <id>', 'whose rules; else those of the token’s owner');
const editing = (name: string, description: string): Command =>
  ruling(name, description)
    .argument('[path]', 'such as channels/app/name')
    .argument('[value]', 'JSON, or text')
    .option('--file <file>', 'a JSON merge patch instead');

ruling('show', 'print the rules, or a part of them')
  .argument('[path]', 'such as allocations/usual')
  .action(async (path, options) => (await import('./rules.ts')).show(path, options).catch(fail));
editing('set', 'set a part of the rules').action(async (path, value, options) =>
  (await import('./rules.ts')).set(path, value, options).catch(fail),
);
ruling('delete', 'delete a part of the rules')
  .argument('<path>')
  .action(async (path, options) => (await import('./rules.ts')).remove(path, options).catch(fail));
ruling('history', 'who changed what, the newest first').action(async (options) =>
  (await import('./rules.ts')).history(options).catch(fail),
);
editing('check', 'what is wrong with the rules, or with an edit').action(
  async (path, value, options) =>
    (await import('./rules.ts')).check(path, value, options).catch(fail),
);
editing('try', 'what an edit would do to every pool, without making it')
  .option('--sku <sku>', 'of the stock that the centre knows; may be repeated', list, [])
  .option('--figures <file>', 'stock instead: a JSON list of sku, warehouse, stock, transit')
  .action(async (path, value, options) =>
    (await import('./rules.ts')).attempt(path, value, options).catch(fail),
  );

program
  .command('token')
  .description('print a token for a scanner, a shop or a colleague')
  .option('--data <dir>', 'data folder whose key signs it', defaultDataDir())
  .requiredOption('--client <name>', 'who will use it')
  .option('--owner <id>', 'owner it covers, * for all; may be repeated', list, [])
  .option('--warehouse <id>', 'warehouse it covers, * for all; may be repeated', list, [])
  .option('--role <role>', 'admin, controller, floor, shop or viewer; may be repeated', list, [])
  .option('--days <n>', 'life in days', whole, 30)
  .action(async (options) => (await import('./token.ts')).token(options).catch(fail));

program
  .command('replay')
  .description(
    'drive real orders, or a scripted day, and hold the centre against it; or sell on both sides of cut links, in a hurry, or from where it serves best',
  )
  .addArgument(
    new Argument('<what>').choices(['tafeng', 'day', 'partition', 'flash', 'season', 'routing']),
  )
  .option('--days <n>', 'tafeng, partition, routing: the first so many dates', whole)
  .option('--lots', 'tafeng: with places, batches and boxes, derived from the data', false)
  .option('--file <path>', 'tafeng, partition, routing: a local copy of the data set')
  .option('--data <dir>', 'data folder of the private stack, kept afterwards')
  .option('--url <ws>', 'tafeng: a running gateway, instead of a private stack')
  .option('--token <token>', 'for --url')
  .option('--nats <url>', 'for --url, where the token is no administrator’s')
  .option('--seconds <n>', 'partition: how long orders are placed and links cut', whole, 60)
  .option('--rate <n>', 'partition, flash: orders a second, at all points together', whole)
  .option('--units <n>', 'flash: on sale; five times as many are asked for', whole, 20_000)
  .option('--delay <ms>', 'flash: between the hub and a region, each way', whole, 50)
  .option(
    '--seed <n>',
    'partition: of the cuts, and of who orders where; routing: of where goods lie',
    whole,
  )
  .option('--cuts <n>', 'partition: at most so many; 0 leaves links whole', whole)
  .option('--skus <n>', 'partition: only so many products, which sell best', whole, 100)
  .option('--daily <n>', 'partition: only products that sell so many units a day', whole, 0)
  .addOption(
    new Option('--policy <name>', 'routing: only this one').choices(['best', 'nearest', 'fullest']),
  )
  .option('--relay', 'partition: cut TCP relays, not network namespaces', false)
  .option('--json', 'print one line of JSON', false)
  .action(async (what, options) => {
    if (what === 'day') await (await import('./day/day.ts')).replayDay(options).catch(fail);
    else if (what === 'partition') {
      const { replayPartition } = await import('./replay/partition/partition.ts');
      await replayPartition({ rate: 60, days: 7, ...options }).catch(fail);
    } else if (what === 'season') {
      const { replaySeason } = await import('./replay/season/season.ts');
      await replaySeason(options);
    } else if (what === 'flash') {
      const { replayFlash } = await import('./replay/flash/flash.ts');
      await replayFlash({ rate: 500, ...options }).catch(fail);
    } else if (what === 'routing') {
      const { replayRouting } = await import('./replay/routing/routing.ts');
      await replayRouting({ days: 1, seed: 1, ...options }).catch(fail);
    } else {
      const { replayTafeng } = await import('./replay/replay.ts');
      await replayTafeng({ days: 7, ...options }).catch(fail);
    }
  });

program
  .command('bench')
  .description('measure this machine against what it cannot avoid, and against its peers')
  .option(
    '--only <rows>',
    'rows, beginnings of their names, or groups of --peers; with commas between',
    names,
    [],
  )
  .option('--rounds <n>', 'turns that each side takes', whole, 5)
  .option('--json', 'print one JSON object', false)
  .option('--peers', 'side by side with Redis, PostgreSQL, Automerge and TigerBeetle', false)
  .option('--tigerbeetle <path>', 'its binary, for --peers')
  .action(async (options) => (await import('./bench.ts')).bench(options).catch(fail));

program
  .command('loadtest')
  .description('put a warehouse under load on a private stack, and verify what came of it')
  .addArgument(new Argument('<scenario>').choices(SCENARIO_NAMES))
  .option('--seconds <n>', 'how long the load lasts', whole)
  .option('--rate <n>', 'steps offered a second', whole)
  .option('--scanners <n>', 'connections, each a session', whole)
  .option('--sync <interval>', 'how often nats-server syncs to disk: always, or a time')
  .option('--json', 'print one line of JSON', false)
  .option('--k6', 'k6 drives it, for volume; found, or built with Go', false)
  .option('--report <file>', 'where k6 writes its HTML report')
  .action(async (name, options) =>
    (await import('./loadtest.ts')).loadtest(name, options).catch(fail),
  );

program
  .command('verify')
  .description('check a data folder that nothing has open; changes nothing in it')
  .option('--data <dir>', 'data folder', defaultDataDir())
  .option('--postgres <url>', "the centre's store, where it is not the embedded one")
  .option('--json', 'print one line of JSON', false)
  .action(async (options) => (await import('./verify.ts')).verify(options).catch(fail));

program
  .command('repair')
  .description('repair a shard of a data folder that nothing has open, as holdfast verify advises')
  .option('--data <dir>', 'data folder', defaultDataDir())
  .option('--region <name>', 'its region, where there are several', regionName)
  .option('--shard <n>', 'the damaged one; all, of a region that was restored', whole)
  .option('--drop-snapshot <name>', 'start from the snapshot before this damaged one')
  .option('--declare-loss', 'give up what comes after the last whole record', false)
  .option('--restored', 'it was put back from a backup: selling points begin anew', false)
  .option('--times <n>', 'how often by now, where the backup cannot know', whole)
  .option('--postgres <url>', "the centre's store, where it is not the embedded one")
  .action(async (options) => (await import('./repair.ts')).repair(options).catch(fail));

await program.parseAsync();
