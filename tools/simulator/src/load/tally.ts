import { line, type Line, pricesByRegion, totalUsd } from '@data-aggregator/cost-model';

/** Requests of a run, by service. Throttled ones are counted apart, because AWS does not charge them. */
export class Tally {
  readonly requests = {
    s3Uploads: 0,
    s3Gets: 0,
    s3Heads: 0,
    s3Manifests: 0,
    s3Bundles: 0,
    ledgerWrites: 0,
    ledgerWriteUnits: 0,
    ledgerReads: 0,
    ledgerDeletes: 0,
    sqsSends: 0,
    sqsReceives: 0,
    sqsEmptyReceives: 0,
    sqsDeletes: 0,
    sqsVisibilityChanges: 0,
    lambdaInvocations: 0,
  };
  readonly throttled = { s3Uploads: 0, s3Gets: 0, s3Puts: 0, ledger: 0, lambda: 0 };
  /** Invocations that ended without a response. */
  readonly ended = { errors: 0, killed: 0 };
  lambdaMs = 0;

  /** What AWS charges for the requests of the run and the time of its functions. */
  lines(memoryMb: number): Line[] {
    const prices = pricesByRegion['us-east-1'];
    const { requests } = this;
    const sqs =
      requests.sqsSends +
      requests.sqsReceives +
      requests.sqsEmptyReceives +
      requests.sqsDeletes +
      requests.sqsVisibilityChanges;
    return [
      line('S3 landing', 'uploads', requests.s3Uploads, prices.s3PutPer1000, 1000),
      line('S3 landing', 'reads', requests.s3Gets, prices.s3GetPer1000, 1000),
      line('S3', 'look-ups', requests.s3Heads, prices.s3GetPer1000, 1000),
      line('S3 archive', 'manifests stored', requests.s3Manifests, prices.s3PutPer1000, 1000),
      line('S3 distribution', 'bundles stored', requests.s3Bundles, prices.s3PutPer1000, 1000),
      line('Replication', 'replicas stored', requests.s3Bundles, prices.s3InstantPutPer1000, 1000),
      line('SQS', 'requests', sqs, prices.sqsPerMillion, 1e6),
      line('DynamoDB', 'writes', requests.ledgerWriteUnits, prices.dynamoWritePerMillion, 1e6),
      line('DynamoDB', 'reads', requests.ledgerReads, prices.dynamoReadPerMillion, 1e6),
      line('Lambda', 'invocations', requests.lambdaInvocations, prices.lambdaRequestsPerMillion, 1e6),
      line('Lambda', 'bundling', (this.lambdaMs / 1000) * (memoryMb / 1024), prices.lambdaArmGbSecond),
    ];
  }

  usd(memoryMb: number): number {
    return totalUsd(this.lines(memoryMb));
  }
}
