import { join } from 'node:path';
import { startProgram } from '../testing/start-program.ts';

const APPS = join(import.meta.dirname, '../../..');
const ASSEMBLIES = {
  /** With short timeouts, for tests. `e2e:sandbox` synthesises it. */
  sandbox: join(APPS, 'e2e/dist/assemblies/sandbox'),
  /** What `npm run cloud` boots. `infra:synth` synthesises it. */
  dev: join(APPS, 'infra/cdk.out/dev'),
};

/** A console, and the embedded cloud that it shows. */
export interface RunningConsole extends AsyncDisposable {
  /** With the token. */
  address: string;
}

export async function startConsole(env: keyof typeof ASSEMBLIES): Promise<RunningConsole> {
  const environment = ['--env', env, '--json'];
  const cloud = await startProgram('tools/local-cloud/src/cli.ts', [
    ...environment,
    ...['--assembly', ASSEMBLIES[env]],
  ]);
  const { endpoint } = cloud.ready as { endpoint: string };
  try {
    const served = await startProgram('apps/console/src/main.ts', [
      ...['serve', ...environment, '--endpoint', endpoint, '--port', '0'],
    ]);
    return {
      address: (served.ready as { url: string }).url,
      [Symbol.asyncDispose]: async () => {
        await served.stop();
        await cloud.stop();
      },
    };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}
