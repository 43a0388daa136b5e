import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stderr, stdout, type Terminal } from '@data-aggregator/terminal';
import { UserError } from '../user-error.ts';
import { explain } from './explain.ts';

/** Runs one command of the CDK CLI on an environment's cloud assembly. */
export type Cdk = (...args: string[]) => Promise<void>;

/** Number of characters of output kept to explain a failure. */
const KEPT = 20_000;

/**
 * The workspace's CDK CLI. It inherits the environment (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL), and its output is passed
 * on unchanged. The returned function rejects with a UserError that says in one sentence what is missing.
 */
export function cdk(environment: string, assembly: string): Cdk {
  const program = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin/cdk');
  return (...args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, '--no-notices', '--app', assembly, ...args], {
        env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
        stdio: ['inherit', 'pipe', 'pipe'],
      });
      let output = '';
      const pass = (to: Terminal) => (text: string) => {
        to.write(text);
        output = (output + text).slice(-KEPT);
      };
      child.stdout.setEncoding('utf8').on('data', pass(stdout));
      child.stderr.setEncoding('utf8').on('data', pass(stderr));
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve();
        else
          reject(
            new UserError(
              explain(output, environment) ?? `cdk ${args[0] ?? ''} failed; see its output above.`,
            ),
          );
      });
    });
}
