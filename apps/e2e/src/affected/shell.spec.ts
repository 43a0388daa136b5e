import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { shellIn } from './shell.ts';

describe('a shell', () => {
  it('returns the output of a program', async () => {
    using folder = temporaryFolder();
    const run = shellIn(folder.path, new AbortController().signal);
    expect((await run('pwd', '-P')).trim()).toMatch(new RegExp(`${folder.path}$`));
  });

  it('reports why a program failed', async () => {
    using folder = temporaryFolder();
    const run = shellIn(folder.path, new AbortController().signal);
    await expect(run('sh', '-c', 'echo no luck >&2; exit 3')).rejects.toThrow(/^sh -c .* failed: no luck$/);
    await expect(run('no-such-program')).rejects.toThrow('ENOENT');
  });

  it('ends a program and its children on abort', async () => {
    using folder = temporaryFolder();
    const controller = new AbortController();
    const started = performance.now();
    // The second process keeps the output open until it ends too.
    const sleeping = shellIn(folder.path, controller.signal)('sh', '-c', 'sleep 60 & sleep 60');
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(sleeping).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(20_000);
    await expect(shellIn(folder.path, controller.signal)('true')).rejects.toThrow('enough');
  });
});
