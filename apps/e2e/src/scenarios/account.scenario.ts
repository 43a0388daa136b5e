import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startSandbox } from '../testing/sandbox.ts';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { workspaceRoot } from '../workspace.ts';

describe('the scenario runner with --target aws', () => {
  it('finds resources by name and credentials by the default chain, leaves other bundles in place, and cleans up', async () => {
    await using pipeline = await startSandbox();
    using folder = temporaryFolder();
    const { cloud, services, put } = pipeline;
    const { endpoint, region, credentials, buckets } = cloud;
    await put('of somebody else');
    await cloud.idle();
    const foreign = await services.consumer.list();

    const report = join(folder.path, 'reports/report.xml');
    const config = join(folder.path, 'scenario.json');
    const scenario = {
      description: 'Three files.',
      test_type: 'file_not_found',
      num_files: 3,
      size_mb: 0.1,
      landing_bucket: buckets['landing'],
      distribution_bucket: buckets['distribution'],
      lambda_function_name: Object.keys(cloud.functions).find((name) => name.endsWith('-aggregator')),
      timeout_seconds: 60,
      report_file: report,
    };
    writeFileSync(config, JSON.stringify(scenario));
    const main = join(workspaceRoot, 'apps/e2e/src/run/main.ts');
    const child = spawn(process.execPath, [main, '--config', config, '--target', 'aws'], {
      env: {
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.admin.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.admin.secretAccessKey,
      },
    });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const [exitCode] = (await once(child, 'exit')) as [number];
    expect({ exitCode, output: await output }).toMatchObject({ exitCode: 0 });
    expect(readFileSync(report, 'utf8')).toContain('tests="3" failures="0"');
    expect(await services.consumer.list()).toEqual(foreign);
  });
});
