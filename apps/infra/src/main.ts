import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './checks.ts';
import { environmentNames, loadEnvironment } from './environments/load.ts';
import { Failure } from './failure.ts';
import { WORKSPACE_ROOT } from './functions.ts';
import { ASSEMBLIES, buildApp } from './synthesise.ts';

/*
 * node apps/infra/src/main.ts [--env dev|all] [--workspace folder] [--out folder]
 *
 * Writes apps/infra/cdk.out/<environment>/, without account or network. Another workspace is a folder whose apps/
 * has functions; tests use it.
 */
const { values } = parseArgs({
  options: {
    env: { type: 'string', default: 'dev' },
    workspace: { type: 'string', default: WORKSPACE_ROOT },
    out: { type: 'string', default: ASSEMBLIES },
  },
});
try {
  for (const name of values.env === 'all' ? environmentNames() : [values.env]) {
    const environment = await loadEnvironment(name);
    const app = buildApp(environment, values.workspace, { outdir: join(values.out, name) });
    check(app, environment).synth();
  }
} catch (error) {
  // Of a violation CDK has printed what, where and what to do.
  if (!(error instanceof Failure) && !isViolation(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function isViolation(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ValidationFailed';
}
