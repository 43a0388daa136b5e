import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PolicyDocument } from '../policy.ts';

const WORKSPACE = join(__dirname, '../../../..');

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** An embedded cloud in a process of its own, because apps do not import tools. */
export interface EmbeddedCloud extends AsyncDisposable {
  endpoint: string;
  region: string;
  credentials: { admin: Credentials; perRole: Record<string, Credentials> };
  buckets: Record<string, string>;
  queues: Record<string, { url: string; arn: string }>;
}

/**
 * Boots the templates of `dev`, with additional roles.
 *
 * @param roles policies by the name of the role
 */
export async function startEmbeddedCloud(
  roles: Readonly<Record<string, PolicyDocument>> = {},
): Promise<EmbeddedCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'console-assembly-'));
  cpSync(join(WORKSPACE, 'apps/infra/cdk.out/dev'), folder, { recursive: true });
  const file = join(folder, 'stateful.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, unknown> };
  for (const [index, [RoleName, PolicyDocument]] of Object.entries(roles).entries()) {
    template.Resources[`ConsoleRole${index}`] = {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName,
        AssumeRolePolicyDocument: {},
        Policies: [{ PolicyName: 'console', PolicyDocument }],
      },
    };
  }
  writeFileSync(file, JSON.stringify(template));
  const child = spawn(
    process.execPath,
    [
      join(WORKSPACE, 'tools/local-cloud/src/cli.ts'),
      '--assembly',
      folder,
      '--env',
      `console-${process.pid}`,
      '--json',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
    once(child, 'exit').then(() => {
      throw new Error(`the embedded cloud ended: ${said.join('\n')}`);
    }),
  ]);
  return {
    ...(JSON.parse(line) as Omit<EmbeddedCloud, keyof AsyncDisposable>),
    async [Symbol.asyncDispose]() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
