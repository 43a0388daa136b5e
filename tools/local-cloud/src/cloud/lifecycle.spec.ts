import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { listeningAddresses } from '../testing/listeners.ts';

const assembly = writeAssembly(fixture);

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = async (pids: readonly number[]) => {
  for (const end = Date.now() + 4000; Date.now() < end; await sleep(20)) if (!pids.some(alive)) return true;
  return false;
};
/** Data folders of clouds booted by a process. */
const scratch = (pid = process.pid) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`local-cloud-${pid}-`));

test('two clouds share nothing', async () => {
  const [one, other] = await Promise.all([startCloud({ assembly }), startCloud({ assembly })]);
  const Bucket = one.buckets['archive'];
  await new S3Client(one.clientConfig()).send(new PutObjectCommand({ Bucket, Key: 'mine', Body: 'x' }));
  await expect(
    new S3Client(other.clientConfig()).send(new GetObjectCommand({ Bucket, Key: 'mine' })),
  ).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(one.endpoint).not.toBe(other.endpoint);
  await Promise.all([one.stop(), other.stop()]);
});

test('stop leaves no process, file or port, and does not wait for busy functions', async () => {
  const cloud = await startCloud({ assembly });
  // Its processes would keep Jest running if an assertion failed before.
  await using _ = { [Symbol.asyncDispose]: cloud.stop };
  const spinning = cloud.invoke('commands', { do: 'spin' });
  await cloud.invoke('reader', { call: 'none' });
  const pids = cloud.processes().map(({ pid }) => pid);
  expect(pids).toHaveLength(2);
  await cloud.stop();
  await cloud.stop();
  // Waiting would have ended it by its timeout.
  expect(await spinning).toMatchObject({
    kind: 'error',
    payload: expect.stringContaining('signal: killed'),
  });
  expect(pids.filter(alive)).toEqual([]);
  expect(scratch()).toEqual([]);
  await expect(fetch(cloud.endpoint)).rejects.toThrow();
});

test('an aborted idle() rejects with the reason', async () => {
  const cloud = await startCloud({ assembly });
  const hanging = cloud.invoke('commands', { do: 'hang', ms: 60_000 });
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = cloud.idle(controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await cloud.stop();
  await hanging;
});

test('a failed boot leaves no files', async () => {
  const { Schedule } = fixture as { Schedule: { Properties: object } };
  const broken = writeAssembly({
    ...fixture,
    Schedule: {
      ...Schedule,
      Properties: { ...Schedule.Properties, ScheduleExpression: 'cron(0 3 * * * *)' },
    },
  });
  await expect(startCloud({ assembly: broken })).rejects.toThrow(
    'one of day of month and day of week must be ?',
  );
  expect(scratch()).toEqual([]);
});

test("a killed cloud's functions end and its files are removed, whatever they are doing", async () => {
  const script = join(__dirname, '../testing/run-cloud.ts');
  const child = spawn(process.execPath, [script, assembly], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const pids: number[] = JSON.parse(line);
  expect(pids).toHaveLength(3);
  expect(pids.every(alive)).toBe(true);
  expect(scratch(child.pid)).toHaveLength(1);
  child.kill('SIGKILL');
  expect(await gone(pids)).toBe(true);
  // Files are removed after the functions have ended.
  for (const end = Date.now() + 4000; Date.now() < end && scratch(child.pid).length > 0;) await sleep(20);
  expect(scratch(child.pid)).toEqual([]);
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('all listeners are on the loopback interface', async () => {
  const cloud = await startCloud({ assembly });
  await cloud.invoke('commands', {});
  const addresses = listeningAddresses(['self', ...cloud.processes().map(({ pid }) => pid)]);
  const loopback = '0100007F';
  expect(addresses).toContain(loopback);
  expect(addresses.filter((address) => address !== loopback)).toEqual([]);
  await cloud.stop();
});
