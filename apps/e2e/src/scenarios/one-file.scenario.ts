import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '@data-aggregator/local-cloud';
import { found, type LogDocument, queriesIn } from '../testing/insights.ts';
import type { Pipeline } from '@data-aggregator/pipeline-client/embedded';
import { notificationOf, recordOf, startSandbox, withoutNotifications } from '../testing/sandbox.ts';
import { workspaceRoot } from '../workspace.ts';

const [ofFile, ofInvocation, ...others] = queriesIn(
  readFileSync(join(workspaceRoot, 'docs/runbook.md'), 'utf8'),
);
if (ofFile === undefined || ofInvocation === undefined || others.length > 0) {
  throw new Error('the runbook has other queries');
}

let pipeline: Pipeline;
const lines: LogDocument[] = [];
beforeAll(async () => {
  pipeline = await startSandbox({ transformTemplate: withoutNotifications });
  pipeline.cloud.onLog(({ text }) => {
    if (text.startsWith('{')) lines.push(JSON.parse(text) as LogDocument);
  });
});
afterAll(() => pipeline[Symbol.asyncDispose]());

/** The output of the operator's command `find` for a key. */
async function find(
  key: string,
  { endpoint, credentials }: Cloud,
): Promise<{ object: string; bundle?: string }> {
  const main = join(workspaceRoot, 'tools/ops/src/main.ts');
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: credentials.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.admin.secretAccessKey,
  };
  const args = [main, 'find', key, '--json', '--env', 'sandbox', '--endpoint', endpoint];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { env }, (_exitStatus, output) => resolve(output));
  });
  const { versions } = JSON.parse(stdout) as { versions: [{ object: string; bundle?: string }] };
  return versions[0];
}

const messages = (documents: readonly LogDocument[]) => documents.map(({ message }) => message);

describe('the queries of the runbook follow a file through the log', () => {
  it('that was retried and then bundled', async () => {
    const { cloud, put, send, end } = pipeline;
    const file = await put('late');
    let failures = 4;
    cloud.faults.s3 = ({ key, operation }) =>
      operation === 'GetObject' && key === file.key && failures-- > 0 ? { cutBeforeEffect: true } : undefined;
    await send(notificationOf(recordOf(file)));
    await end();
    const { object, bundle = '' } = await find('late', cloud);

    const seen = found(ofFile, { ID: object, BUNDLE: bundle }, lines);
    expect(messages(seen)).toEqual(['member.retried', 'bundle.published']);
    for (const { requestId, xray_trace_id: trace } of seen) {
      expect(trace).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
      const said = found(ofInvocation, { REQUEST: String(requestId) }, lines);
      expect(messages(said)).toContain('batch.done');
    }
  });

  it('that was quarantined', async () => {
    const { cloud, put, send, end } = pipeline;
    const file = await put('huge');
    await send(notificationOf(recordOf({ ...file, size: 60 * 1024 ** 4 })));
    await end();
    const { object } = await find('huge', cloud);
    const seen = found(ofFile, { ID: object, BUNDLE: 'none' }, lines);
    expect(seen).toEqual([
      expect.objectContaining({ message: 'notification.quarantined', reason: 'too-large' }),
    ]);
  });

  it('and show only fields that the log has', () => {
    const known = new Set(lines.flatMap((line) => Object.keys(line)));
    const asked = [ofFile, ofInvocation].flatMap(({ fields }) => fields);
    expect(asked.filter((field) => !field.startsWith('@') && !known.has(field))).toEqual([]);
  });
});
