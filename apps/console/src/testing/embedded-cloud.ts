import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyDocument } from '../policy.ts';
import { startProgram } from './start-program.ts';

const WORKSPACE = join(__dirname, '../../../..');

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** An embedded cloud. */
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
  const { ready, stop } = await startProgram('tools/local-cloud/src/cli.ts', [
    ...['--assembly', folder, '--env', `console-${process.pid}`, '--json'],
  ]);
  return {
    ...(ready as Omit<EmbeddedCloud, keyof AsyncDisposable>),
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
