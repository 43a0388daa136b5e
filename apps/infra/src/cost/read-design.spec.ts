import { join } from 'node:path';
import { readTemplate } from '../templates/resources.ts';
import { buildApp } from '../app/build-app.ts';
import { fixtureFunction, fixtureWorkspace, plain } from '../testing/fixture.ts';
import { readDesign } from './read-design.ts';

describe('the design that the cost estimate uses', () => {
  it('is read from the resources of the templates', () => {
    const workspace = fixtureWorkspace([
      fixtureFunction({
        trigger: { type: 's3-sqs', bucket: 'landing', batchSize: 2000, batchWindowSeconds: 20 },
        memoryMb: 512,
        access: [{ resource: 'dead-letters', may: ['send'] }],
      }),
      fixtureFunction({
        name: 'monitor',
        memoryMb: 256,
        trigger: { type: 'schedule', expression: 'rate(5 minutes)' },
      }),
    ]);
    const network = { cidr: '10.0.0.0/24', prefixLists: { s3: 'pl-1', dynamodb: 'pl-2' } };
    const environment = { ...plain, network, tracing: false };
    const assembly = buildApp(environment, workspace, { outdir: join(workspace, 'out') }).synth();
    const resources = assembly.stacks.flatMap((stack) =>
      readTemplate(stack.id, join(assembly.directory, stack.templateFile)),
    );

    expect(readDesign({ environment, resources })).toEqual({
      batchSize: 2000,
      batchWindowSeconds: 20,
      memoryMb: 512,
      // Without a function for large objects, those of the aggregator.
      large: { memoryMb: 512, timeoutSeconds: 60 },
      queues: 1,
      readyQueue: true,
      writesPerFile: 1,
      writesPerBundle: 1,
      landingDays: 18,
      distributionDays: 30,
      deepArchiveAfterDays: 7,
      archiveDays: 187,
      accessLogDays: 14,
      claimDays: 21,
      pointInTimeRecovery: true,
      logDays: 14,
      // Every five minutes of 730 hours.
      scheduled: [{ invocations: 8760, memoryMb: 256 }],
      // Two per function.
      metricsOfLogs: 4,
      // Five per function, two per queue, one on inflow, and eighteen for the whole system.
      alarms: 32,
      compositeAlarms: 3,
      dashboards: 1,
      tracing: false,
      endpointZones: 2,
    });
  });
});
