import { startCloud } from '@data-aggregator/local-cloud';
import { sandboxAssembly } from '../workspace.ts';
import { aggregatorProofs } from './bundling-proofs.ts';
import { permissionsOfFunction } from './permissions.ts';
import { describeProofs } from './proof.ts';
import { withoutPermission } from './variants.ts';

describeProofs('aggregator', aggregatorProofs);

const POLLS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

describe("Lambda cannot read the aggregator's queue", () => {
  it.each(POLLS)('without %s', async (action) => {
    const name = `${action} on aggregator`;
    expect(permissionsOfFunction('aggregator').map((permission) => permission.name)).toContain(name);
    const transformTemplate = withoutPermission('aggregator', name);
    await expect(startCloud({ assembly: sandboxAssembly, transformTemplate })).rejects.toThrow(
      `its role does not allow ${action}`,
    );
  });
});
