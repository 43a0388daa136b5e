import type { CapacitySettings } from '@data-aggregator/cost-model/capacity';

/**
 * The text of an environment file: another environment with the settings for a load. What the uploader or AWS's support has to do is
 * exported as `alsoNeeded`.
 *
 * @param base name of the environment that it extends
 */
export function environmentFile(name: string, base: string, settings: CapacitySettings): string {
  const { batchSize, maxConcurrency, warmWritesPerSecond } = settings;
  const others = [
    settings.queues > 1 && `${settings.queues} copies of the aggregator, each with its own trigger.prefix`,
    settings.landingPrefixes > 1 && `${settings.landingPrefixes} key prefixes, used evenly by the uploader`,
    settings.accountConcurrency !== undefined &&
      `a quota of ${settings.accountConcurrency} concurrent invocations`,
    settings.tableWriteQuota !== undefined &&
      `a quota of ${settings.tableWriteQuota} writes per second for the ledger table`,
  ].filter((line) => line !== false);
  return [
    "import type { Environment } from './environment.ts';",
    `import { environment as ${base} } from './${base}.ts';`,
    '',
    ...(others.length === 0
      ? []
      : [
          `/** This load also needs ${others.join('; ')}. \`simulator:load --env-file\` reads it. */`,
          `export const alsoNeeded = ${alsoNeeded(settings)};`,
          '',
        ]),
    'export const environment: Environment = {',
    `  ...${base},`,
    `  name: '${name}',`,
    ...(warmWritesPerSecond === undefined
      ? []
      : [`  ledger: { warmWritesPerSecond: ${warmWritesPerSecond} },`]),
    '  functions: {',
    `    ...${base}.functions,`,
    `    aggregator: { ...${base}.functions['aggregator'], batchSize: ${batchSize}, maxConcurrency: ${maxConcurrency} },`,
    '  },',
    '};',
    '',
  ].join('\n');
}

function alsoNeeded({
  queues,
  landingPrefixes,
  accountConcurrency,
  tableWriteQuota,
}: CapacitySettings): string {
  const needed = Object.entries({ queues, landingPrefixes, accountConcurrency, tableWriteQuota });
  const fields = needed.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `{ ${fields.join(', ')} }`;
}
