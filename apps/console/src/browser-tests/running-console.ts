import { join } from 'node:path';
import { startProgram } from '../testing/start-program.ts';

/** The sandbox's templates have short timeouts. `e2e:sandbox` synthesises them. */
const ASSEMBLY = join(import.meta.dirname, '../../../e2e/dist/assemblies/sandbox');

/** A console, and the embedded cloud that it shows. */
export interface RunningConsole extends AsyncDisposable {
  /** With the token. */
  address: string;
}

export async function startConsole(): Promise<RunningConsole> {
  const environment = ['--env', 'sandbox', '--json'];
  const cloud = await startProgram('tools/local-cloud/src/cli.ts', [...environment, '--assembly', ASSEMBLY]);
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
