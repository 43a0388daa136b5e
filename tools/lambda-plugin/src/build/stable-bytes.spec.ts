import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { artifactHash, buildFunction } from '../testing/build-function.ts';
import type { ScratchWorkspace } from '../testing/scratch-workspace.ts';
import {
  addComments,
  changePart,
  NAMES,
  twoFunctions,
  writeFunction,
  writeSources,
} from '../testing/two-functions.ts';

async function build({ path }: ScratchWorkspace) {
  for (const name of NAMES) await buildFunction(path, name);
  return { alpha: artifactHash(path, 'alpha'), beta: artifactHash(path, 'beta') };
}

describe('the artifact of a function', () => {
  /** Built once, and never changed. */
  let built: ScratchWorkspace;
  /** Tests change its sources. */
  let workspace: ScratchWorkspace;
  let before: Awaited<ReturnType<typeof build>>;

  beforeAll(async () => {
    built = twoFunctions();
    before = await build(built);
    workspace = twoFunctions();
  });
  afterEach(() => writeSources(workspace));
  afterAll(() => {
    built[Symbol.dispose]();
    workspace[Symbol.dispose]();
  });

  it('has the same bytes from a checkout at another path, and when it is built again', async () => {
    expect(workspace.path).not.toBe(built.path);
    expect(await build(workspace)).toEqual(before);
    expect(await build(workspace)).toEqual(before);
  });

  it('changes alone when its own source changes', async () => {
    const handler = workspace.read('apps/alpha/src/handler.ts');
    workspace.write('apps/alpha/src/handler.ts', handler.replace('told:', 'said:'));
    const after = await build(workspace);
    expect(after.alpha).not.toBe(before.alpha);
    expect(after.beta).toBe(before.beta);
  });

  it('changes alone when a part of a library changes that only it uses', async () => {
    changePart(workspace, 'alpha');
    const after = await build(workspace);
    expect(after.alpha).not.toBe(before.alpha);
    expect(after.beta).toBe(before.beta);
  });

  it('does not change with a comment', async () => {
    addComments(workspace);
    expect(await build(workspace)).toEqual(before);
  });

  it('does not change when another function is added', async () => {
    writeFunction(workspace, 'gamma', 'alpha');
    await buildFunction(workspace.path, 'gamma');
    expect(await build(workspace)).toEqual(before);
  });

  it('is alone in its folder, without path, date or reference to its map', () => {
    const dist = join(built.path, 'apps/alpha/dist');
    expect(readdirSync(join(dist, 'function'))).toEqual(['index.mjs']);
    expect(readdirSync(dist).sort()).toEqual(['function', 'index.mjs.map', 'meta.json']);
    const code = built.read('apps/alpha/dist/function/index.mjs');
    expect(code).not.toMatch(/sourceMappingURL|apps\/alpha|libs\/shared|node_modules/);
    expect(code).not.toContain(built.path);
  });

  it("runs on Node as on Lambda, even if a package requires Node's built-in modules", async () => {
    workspace.write(
      'apps/alpha/src/handler.ts',
      [
        "import { S3Client } from '@aws-sdk/client-s3';",
        "const s3 = new S3Client({ region: 'eu-central-1' });",
        'export const handler = async () => ({ region: await s3.config.region() });',
      ].join('\n'),
    );
    await buildFunction(workspace.path, 'alpha');
    const script = `
      const { handler } = await import('./index.mjs');
      process.stdout.write(JSON.stringify(await handler()));`;
    const cwd = join(workspace.path, 'apps/alpha/dist/function');
    const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd });
    expect(JSON.parse(answer.toString())).toEqual({ region: 'eu-central-1' });
  });

  it('contains only the shapes of the SDK operations that it calls', async () => {
    workspace.write(
      'apps/alpha/src/handler.ts',
      [
        "import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';",
        'const s3 = new S3Client({});',
        "export const handler = () => s3.send(new GetObjectCommand({ Bucket: 'tray', Key: 'k' }));",
      ].join('\n'),
    );
    await buildFunction(workspace.path, 'alpha');
    const code = workspace.read('apps/alpha/dist/function/index.mjs');
    expect(code).toContain('x-amz-delete-marker');
    expect(code).not.toMatch(/x-amz-write-offset-bytes|AnalyticsFilter/);
    // The modules share one scope instead of being wrapped in functions.
    expect(code).not.toMatch(/=>\(\)=>\{if\(/);
  });

  it('remains the last good one when a build exceeds its budget', async () => {
    await buildFunction(workspace.path, 'alpha');
    const manifest = workspace.read('apps/alpha/function.json');
    workspace.write('apps/alpha/function.json', manifest.replace('600', '2'));
    const handler = workspace.read('apps/alpha/src/handler.ts');
    workspace.write('apps/alpha/src/handler.ts', `${handler}console.log('${'long'.repeat(300)}');\n`);
    await expect(buildFunction(workspace.path, 'alpha')).rejects.toThrow(
      /alpha is \d+\.\d KB, over the 2\.0 KB of sizeBudgetKb in its function\.json\.\nLargest parts: .*valibot.*\nGrew by: apps\/alpha\/src\/handler\.ts 1\.2 KB\./,
    );
    expect(artifactHash(workspace.path, 'alpha')).toBe(before.alpha);
    expect(existsSync(join(workspace.path, 'apps/alpha/dist/function.new'))).toBe(false);
  });
});
