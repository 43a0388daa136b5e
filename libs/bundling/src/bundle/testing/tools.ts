import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, type Header } from 'tar-stream';

/** `it` if the machine has the command, otherwise `it.skip`: not every machine has every tool that must open a bundle. */
export function itWith(command: string): jest.It {
  const found = spawnSync(command, ['--version']).status === 0;
  return found ? it : it.skip;
}

/** Runs a command and returns its output. @throws {Error} with its standard error if it fails */
export function run(command: string, args: readonly string[], input?: Uint8Array, cwd?: string): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...(input && { input }),
    ...(cwd !== undefined && { cwd }),
    maxBuffer: 2 ** 30,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** Reads a tar with tar-stream, an independent implementation. */
export async function untar(tar: Uint8Array): Promise<{ header: Header; content: Buffer }[]> {
  const members: { header: Header; content: Buffer }[] = [];
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    members.push({ header: entry.header, content: await buffer(entry) });
  }
  return members;
}
