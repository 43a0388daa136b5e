import { aggregatorProofs } from './aggregator-proofs.ts';
import { describeProofs } from './proof.ts';

describeProofs('aggregator', aggregatorProofs);
