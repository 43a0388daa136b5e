import { provenFunctions } from './all-proofs.ts';
import { describeProofs } from './proof.ts';

for (const { name, proofs } of provenFunctions()) {
  if (name !== 'aggregator') describeProofs(name, proofs);
}
