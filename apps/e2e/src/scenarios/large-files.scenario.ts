import { randomBytes } from 'node:crypto';
import type { CloudOptions } from '@data-aggregator/local-cloud';
import { startSandbox } from '../testing/sandbox.ts';

const MiB = 1024 ** 2;

/** Little memory for a bundle, and a low limit above which files are copied, so that small files take the routes of large ones. */
const withLowLimits: NonNullable<CloudOptions['transformTemplate']> = (template) => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => {
      const variables = (resource.Properties?.['Environment'] as { Variables?: object } | undefined)
        ?.Variables;
      if (!variables || !('SPOOL_MEMORY_BYTES' in variables || 'CLAIM_GRACE_SECONDS' in variables)) {
        return [id, resource];
      }
      const Variables = { ...variables, SPOOL_MEMORY_BYTES: '10MiB', COPY_ABOVE_BYTES: '40MiB' };
      return [id, { ...resource, Properties: { ...resource.Properties, Environment: { Variables } } }];
    }),
  ),
});

describe('files that do not fit in the memory of a function', () => {
  it('are delivered in parts, or copied within S3, next to small ones', async () => {
    await using pipeline = await startSandbox({ transformTemplate: withLowLimits });
    const { put, end } = pipeline;
    const files = [
      await put('streamed', randomBytes(36 * MiB)),
      await put('small', 'some bytes'),
      await put('copied', randomBytes(46 * MiB)),
    ];
    const { delivery, bundles } = await end();
    expect(delivery.delivered).toEqual(files);
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    const routes = bundles.flatMap(({ key, members }) =>
      members.map((member) => [member.key, key.slice(key.indexOf('.')), member.sha256 === undefined]),
    );
    expect(routes.sort()).toEqual([
      ['copied', '.tar', true],
      ['small', '.tar.gz', false],
      ['streamed', '.tar.gz', false],
    ]);
  });
});
