import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lacks, run } from '../../../cli/machine.ts';
import { overRounds } from '../rounds.ts';
import type { Bench, Scenario } from '../scenario.ts';
import { Up } from '../up.ts';

/** EXT4_IOC_SHUTDOWN, without writing the file system's own log first. */
const CUT = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))
`;
const IMAGE_MB = 1_024;
/** The file system writes by itself as seldom as it can: all that is not synced is lost. */
const OPTIONS = 'loop,commit=600';

/** A disk of its own on which everything lies; from a cut on, it takes nothing more. */
class Disk {
  readonly #image: string;
  readonly #dir: string;
  #mounted = false;

  private constructor(image: string, dir: string) {
    this.#image = image;
    this.#dir = dir;
  }

  static async make({ opened, dir }: Bench): Promise<Disk> {
    const disk = new Disk(`${dir}.img`, dir);
    await mkdir(dir, { recursive: true });
    await run('truncate', '-s', `${IMAGE_MB}M`, disk.#image);
    await run('mkfs.ext4', '-q', '-F', disk.#image);
    opened.add(() => disk.unmount());
    await disk.mount();
    return disk;
  }

  async mount(): Promise<void> {
    await run('mount', '-o', OPTIONS, this.#image, this.#dir);
    this.#mounted = true;
  }

  /** What was written and not synced is gone, whatever the programs believe. */
  cut(): Promise<unknown> {
    return run('python3', '-c', CUT, this.#dir);
  }

  async unmount(): Promise<void> {
    if (this.#mounted) await run('umount', this.#dir);
    this.#mounted = false;
  }
}

export const POWER_CUTS: readonly Scenario[] = [
  {
    name: 'power-cut',
    what: 'the file system under everything drops what was not synced; all processes end',
    rounds: { short: 3, long: 200 },
    cannot: () => lacks('mount', 'umount', 'mkfs.ext4', 'truncate', 'python3'),
    run: async (bench) => {
      const disk = await Disk.make(bench);
      const up = await Up.start(bench.opened, join(bench.dir, 'data'), bench);
      const ready = () => up.ready;
      await overRounds(bench, ready, async () => {
        // First: what a machine without power does not do is to tell of a sync that failed.
        await Promise.all([up.killNats(), up.kill()]);
        await disk.cut();
        await disk.unmount();
        await disk.mount();
        await up.restart();
      });
    },
  },
];
