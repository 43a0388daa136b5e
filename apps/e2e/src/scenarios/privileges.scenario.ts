import { aggregatorProofs } from '../privileges/bundling-proofs.ts';
import { provenFunctions } from '../privileges/all-proofs.ts';
import { describeProofs, describeRole } from '../privileges/proof.ts';

// All proofs take about a minute: nx run e2e:privileges.
describeProofs('aggregator', aggregatorProofs.slice(0, 3));

for (const { name, proofs } of provenFunctions()) describeRole(name, proofs);
