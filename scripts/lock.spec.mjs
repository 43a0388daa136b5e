import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exclusively } from './lock.mjs';

let folder;
let file;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'deep', 'x.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['--version']).pid;

async function held(work) {
  let release;
  const holding = exclusively(file, () => new Promise((resolve) => (release = resolve)));
  await work();
  release();
  await holding;
}

describe('a lock', () => {
  it('lets one holder work at a time, and everyone eventually', async () => {
    let working = 0;
    const seen = [];
    const work = async (name) => {
      working += 1;
      seen.push([name, working]);
      await sleep(20);
      working -= 1;
      return name;
    };
    const names = ['a', 'b', 'c'];
    const results = await Promise.all(names.map((name) => exclusively(file, () => work(name))));
    expect(results).toEqual(names);
    expect(seen.map(([, count]) => count)).toEqual([1, 1, 1]);
  });

  it('leaves no file behind, even if the work fails', async () => {
    await expect(exclusively(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('reports once that it waits', async () => {
    const onWait = jest.fn();
    let second;
    await held(async () => {
      second = exclusively(file, async () => undefined, { onWait });
      await sleep(250);
      expect(existsSync(file)).toBe(true);
    });
    await second;
    expect(onWait).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['whose holder died', () => writeFileSync(file, String(deadPid()))],
    [
      "without a heartbeat, whose holder's id belongs to another process",
      () => {
        writeFileSync(file, String(process.pid));
        utimesSync(file, new Date(0), new Date(0));
      },
    ],
  ])('%s is taken over by one of the waiting processes', async (_, leave) => {
    await exclusively(file, async () => undefined);
    leave();
    let working = 0;
    const work = async () => {
      working += 1;
      expect(working).toBe(1);
      await sleep(5);
      working -= 1;
    };
    await Promise.all([exclusively(file, work), exclusively(file, work), exclusively(file, work)]);
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('is taken over even if a process died while breaking it', async () => {
    await exclusively(file, async () => undefined);
    writeFileSync(file, String(deadPid()));
    writeFileSync(`${file}.breaking`, String(deadPid()));
    utimesSync(`${file}.breaking`, new Date(0), new Date(0));
    await expect(exclusively(file, async () => 'mine')).resolves.toBe('mine');
  });

  it('that cannot be written is one sentence', async () => {
    writeFileSync(join(folder, 'deep'), 'a file in place of the folder');
    const locked = exclusively(file, async () => undefined);
    await expect(locked).rejects.toMatchObject({ name: 'Failure', message: expect.stringContaining(file) });
  });

  it('leaves no file behind on a full disk', () => {
    mkdirSync(join(folder, 'deep'));
    // No file may have any content, which fails like a full disk.
    const script = `
      const { exclusively } = await import(${JSON.stringify(join(__dirname, 'lock.mjs'))});
      await exclusively(${JSON.stringify(file)}, async () => undefined)
        .catch(({ name }) => process.exit(name === 'Failure' ? 7 : 8));`;
    const limited = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, '--input-type=module'];
    const { status } = spawnSync('sh', [...limited, '--eval', script], {
      env: { ...process.env, NODE_COMPILE_CACHE: undefined },
    });
    expect(status).toBe(7);
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });
});
