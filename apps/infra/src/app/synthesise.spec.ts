import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionManifestInput } from '@data-aggregator/function-manifest';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { check, synthesise } from './synthesise.ts';
import type { Environment } from '../environments/environment.ts';
import { environmentNames, loadEnvironment } from '../environments/load.ts';
import { buildApp } from './build-app.ts';
import { fixtureFunction, fixtureWorkspace } from '../testing/fixture.ts';

const functions: FunctionManifestInput[] = [
  fixtureFunction({
    trigger: { type: 's3-sqs', bucket: 'landing', batchSize: 2000, batchWindowSeconds: 20 },
    timeoutSeconds: 300,
    environment: { LANDING_BUCKET: '${landing.name}', CLAIM_RETENTION_DAYS: '${claims.retention-days}' },
    access: [
      { resource: 'landing', may: ['read', 'list'] },
      { resource: 'distribution', may: ['read', 'list', 'write'], prefix: 'bundles/' },
      { resource: 'ledger', may: ['get', 'put', 'delete'] },
      { resource: 'dead-letters', may: ['send'] },
    ],
  }),
  fixtureFunction({ name: 'large-objects', trigger: { type: 'sqs', batchSize: 1 } }),
  fixtureFunction({
    name: 'distribution-monitor',
    trigger: { type: 'schedule', expression: 'rate(5 minutes)' },
    access: [{ resource: 'distribution', may: ['list'] }],
  }),
];

function synthesised(environment: Environment): CloudAssembly {
  const workspace = fixtureWorkspace(functions);
  return synthesise(environment, workspace, join(workspace, 'out'));
}

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  return 'no error';
}

describe.each(environmentNames())('environment %s', (name) => {
  it('violates no rule with a network and traces', async () => {
    const network = { cidr: '10.20.0.0/24', prefixLists: { s3: 'pl-s3', dynamodb: 'pl-dynamodb' } };
    const environment = await loadEnvironment(name);
    expect(() => synthesised({ ...environment, network, tracing: true })).not.toThrow();
  });

  it('violates no rule', async () => {
    const environment = await loadEnvironment(name);
    expect(() => synthesised(environment)).not.toThrow();
  });
});

describe('an environment', () => {
  it('violates no rule with every kind of trigger and with functions that share a bucket', async () => {
    const kinds: FunctionManifestInput['trigger'][] = [
      { type: 's3-sqs', bucket: 'landing', prefix: 'images/' },
      { type: 'sqs' },
      { type: 'event-bridge', pattern: { source: ['aws.s3'] } },
      { type: 'function-url' },
      { type: 'function-url', auth: 'none' },
      { type: 'request' },
    ];
    const all = kinds.map((trigger, index) => fixtureFunction({ name: `fn${index}`, trigger }));
    const workspace = fixtureWorkspace([...functions, ...all]);
    const environment = await loadEnvironment('dev');
    const observed = {
      ...environment,
      observability: { ...environment.observability, criticalEmails: ['on-call@example.org'] },
    };
    const app = buildApp(observed, workspace, { outdir: join(workspace, 'out') });
    expect(() => check(app, observed).synth()).not.toThrow();
  });

  it('that violates a rule is not synthesised', async () => {
    const environment = await loadEnvironment('dev');
    const tooShort = { ...environment, retention: { ...environment.retention, claimDays: 10 } };
    const error = errorOf(() => synthesised(tooShort));
    // The rule, the resource and the fix.
    for (const part of [
      'ClaimsOutliveQueues: a message can return for 18 days, but claims are kept for 10.',
      'stateful/AggregatorQueue',
      'Make retention.claimDays greater than retention.sourceQueueDays + retention.deadLetterDays.',
    ]) {
      expect(error).toContain(part);
    }
  });

  it('has one stack per component and function, none of which imports values from another', async () => {
    const assembly = synthesised(await loadEnvironment('dev'));
    expect(assembly.stacks.map((stack) => stack.stackName)).toEqual([
      'data-aggregator-dev-stateful',
      'data-aggregator-dev-application-aggregator',
      'data-aggregator-dev-application-distribution-monitor',
      'data-aggregator-dev-application-large-objects',
      'data-aggregator-dev-observability',
    ]);
    const text = JSON.stringify(assembly.stacks.map((stack) => stack.template as unknown));
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('"Export"');
  });

  it('changes only the new stack when a function without a queue is added', async () => {
    const environment = await loadEnvironment('dev');
    const stacks = (extra: FunctionManifestInput[]) => {
      const workspace = fixtureWorkspace([...functions, ...extra]);
      const assembly = buildApp(environment, workspace, { outdir: join(workspace, 'out') }).synth();
      return new Map(assembly.stacks.map(({ id, template }) => [id, template as unknown]));
    };
    const before = stacks([]);
    const after = stacks([fixtureFunction({ name: 'another', trigger: { type: 'request' } })]);
    expect([...after.keys()].filter((id) => !before.has(id))).toEqual(['application-another']);
    for (const id of ['stateful', 'application-aggregator']) {
      expect(before.get(id)).toBeDefined();
      expect(after.get(id)).toEqual(before.get(id));
    }
  });

  it('removes the artifacts of earlier syntheses and keeps its own', async () => {
    const environment = await loadEnvironment('dev');
    const workspace = fixtureWorkspace(functions);
    const outdir = join(workspace, 'out');
    mkdirSync(join(outdir, 'asset.from-an-earlier-synthesis'), { recursive: true });
    synthesise(environment, workspace, outdir);
    const artifacts = readdirSync(outdir).filter((entry) => entry.startsWith('asset.'));
    expect(artifacts).toHaveLength(1);
    expect(artifacts).not.toContain('asset.from-an-earlier-synthesis');
  });
});
