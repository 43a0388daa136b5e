import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Disk, machineDisk } from '../inbox/disk.ts';
import { type Inbox, inboxAt } from '../inbox/inbox.ts';
import { keyOf } from '../testing/bundles.ts';
import { inFolder } from '../testing/folder.ts';
import { place } from '../testing/placed.ts';
import { recordedTerminal } from '../testing/recorded-terminal.ts';
import { exit, UsageError } from './exit.ts';
import { verify } from './verify.ts';

const FILES = { a: 'content of a', 'b/c': 'content of c' };
const NEVER = new AbortController().signal;

/** Runs a test in an inbox with two delivered bundles. @param of paths of the first one's files */
const delivered = (test: (inbox: Inbox, of: { a: string; c: string }) => Promise<void>) => () =>
  inFolder(async (folder) => {
    const inbox = inboxAt(folder);
    await inbox.open();
    const [a = '', c = ''] = await place(inbox, keyOf(1), FILES);
    await place(inbox, keyOf(2), { d: '' });
    await test(inbox, { a, c });
  });

async function verified(
  { root }: Inbox,
  { allowMissing = false, disk = machineDisk, signal = NEVER }: Partial<Options> = {},
) {
  const output = recordedTerminal();
  const code = await verify(root, { allowMissing, json: true }, output.terminal, signal, disk);
  const lines = output.lines();
  return { code, findings: lines.slice(0, -1), found: lines.at(-1) };
}
interface Options {
  allowMissing: boolean;
  disk: Disk;
  signal: AbortSignal;
}

const intact = {
  ...{ bundles: 2, files: 3 },
  ...{ intact: 3, missing: 0, damaged: 0, damagedReceipts: 0 },
};

/** A disk on which something happens before a file is read. */
const beforeReading = (act: (path: string) => void): Disk => ({
  ...machineDisk,
  createReadStream(path, options) {
    act(path);
    return machineDisk.createReadStream(path, options);
  },
});

it(
  'finds nothing if every file is as it was delivered',
  delivered(async (inbox) => {
    await expect(verified(inbox)).resolves.toEqual({ code: exit.success, findings: [], found: intact });
  }),
);

it.each<[string, (path: string) => void]>([
  ['other content of the same size', (path) => writeFileSync(path, 'CONTENT OF A')],
  ['another size', (path) => writeFileSync(path, 'content of a.')],
  ['a folder', (path) => mkdirSync(path)],
  [
    'a link to its content',
    (path) => {
      writeFileSync(`${path}.moved`, FILES.a);
      symlinkSync(`${path}.moved`, path);
    },
  ],
])('reports a file as damaged that is now %s', (_what, change) =>
  delivered(async (inbox, { a }) => {
    rmSync(a);
    change(a);
    const { code, findings, found } = await verified(inbox, { allowMissing: true });
    expect(code).toBe(exit.findings);
    expect(findings).toEqual([
      { event: 'file.damaged', path: expect.stringMatching(/\/a$/), bundle: keyOf(1) },
    ]);
    expect(found).toEqual({ ...intact, intact: 2, damaged: 1 });
  })(),
);

it.each<[string, (path: string) => void]>([
  ['moved away', (path) => rmSync(path)],
  ['moved away with its folder', (path) => rmSync(dirname(path), { recursive: true })],
  [
    'below a file',
    (path) => {
      rmSync(dirname(path), { recursive: true });
      writeFileSync(dirname(path), '');
    },
  ],
])('reports a file as missing that is %s, unless that is allowed', (_what, change) =>
  delivered(async (inbox, { c }) => {
    change(c);
    const found = { ...intact, intact: 2, missing: 1 };
    await expect(verified(inbox)).resolves.toEqual({
      code: exit.findings,
      findings: [{ event: 'file.missing', path: expect.stringMatching(/\/b\/c$/), bundle: keyOf(1) }],
      found,
    });
    await expect(verified(inbox, { allowMissing: true })).resolves.toEqual({
      ...{ code: exit.success, findings: [], found },
    });
  })(),
);

it(
  'reports a file as missing that is moved away before it is read',
  delivered(async (inbox, { a }) => {
    const disk = beforeReading((path) => path === a && rmSync(a));
    const { found } = await verified(inbox, { disk });
    expect(found).toEqual({ ...intact, intact: 2, missing: 1 });
  }),
);

it(
  'goes on after a file that the disk cannot read',
  delivered(async (inbox, { a }) => {
    const disk = beforeReading((path) => {
      if (path === a) throw Object.assign(new Error('read'), { code: 'EIO' });
    });
    const { code, found } = await verified(inbox, { disk });
    expect(code).toBe(exit.findings);
    expect(found).toEqual({ ...intact, intact: 2, damaged: 1 });
  }),
);

it(
  'does not call a file damaged that it may not read',
  delivered(async (inbox) => {
    const disk = beforeReading(() => {
      throw Object.assign(new Error('read'), { code: 'EACCES' });
    });
    await expect(verified(inbox, { disk })).rejects.toMatchObject({ code: 'EACCES' });
  }),
);

it(
  'goes on after a receipt that is damaged',
  delivered(async (inbox) => {
    writeFileSync(inbox.paths.receipt(keyOf(1)), '{');
    const { code, findings, found } = await verified(inbox);
    expect(code).toBe(exit.findings);
    expect(findings).toEqual([
      { event: 'receipt.damaged', detail: expect.stringContaining(inbox.paths.receipt(keyOf(1))) },
    ]);
    expect(found).toEqual({ ...intact, bundles: 1, files: 1, intact: 1, damagedReceipts: 1 });
  }),
);

it(
  'stops at once when it is told to, inside a file too',
  delivered(async (inbox) => {
    const stopping = new AbortController();
    const reason = new Error('ended by SIGINT');
    const read: string[] = [];
    const disk = beforeReading((path) => {
      read.push(path);
      stopping.abort(reason);
    });
    await expect(verified(inbox, { disk, signal: stopping.signal })).rejects.toBe(reason);
    expect(read).toHaveLength(1);
  }),
);

it('refuses a folder that is no inbox', () =>
  inFolder(async (root) => {
    await expect(
      verify(root, { allowMissing: false, json: true }, recordedTerminal().terminal, NEVER),
    ).rejects.toThrow(UsageError);
  }));
