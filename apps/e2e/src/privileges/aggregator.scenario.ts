import { aggregatorProofs } from './bundling-proofs.ts';
import { describeProofs } from './proof.ts';

describeProofs('aggregator', aggregatorProofs);
