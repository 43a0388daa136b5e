import { type Line, line, pricesByRegion, type Priced, totalUsd } from '@data-aggregator/cost-model';
import type { Assumption, Requests } from './assumption.ts';

export interface ProbePrice {
  usd: number;
  /** Whose prices apply: those of us-east-1 for regions whose prices are not known. */
  region: string;
  lines: Line[];
}

/** Requests that create and remove the scratch resources. */
const SCRATCH: Requests = { s3Put: 3 + 2 * 10 + 3 * 3, sqs: 12 };
/** The parts and objects of a run, for an hour. */
const STORED_GB_MONTHS = 0.3 / 730;

const REQUESTS: readonly [name: keyof Requests, area: string, what: string, price: Priced, per: number][] = [
  ['s3Put', 'S3', 'PUT, COPY, POST and LIST requests', 's3PutPer1000', 1_000],
  ['s3Get', 'S3', 'GET and HEAD requests', 's3GetPer1000', 1_000],
  ['sqs', 'SQS', 'requests', 'sqsPerMillion', 1e6],
  ['dynamoWrite', 'DynamoDB', 'writes', 'dynamoWritePerMillion', 1e6],
  ['dynamoRead', 'DynamoDB', 'strongly consistent reads', 'dynamoReadPerMillion', 1e6],
];

/** The highest price of a run, without free tiers. */
export function priceOf(assumptions: readonly Pick<Assumption, 'requests'>[], region: string): ProbePrice {
  const known = Object.keys(pricesByRegion).find((name) => name === region) as
    | keyof typeof pricesByRegion
    | undefined;
  const priced = known ?? 'us-east-1';
  const prices = pricesByRegion[priced];
  const all = [SCRATCH, ...assumptions.map(({ requests }) => requests)];
  const lines = REQUESTS.map(([name, area, what, price, per]) =>
    line(
      area,
      what,
      all.reduce((sum, requests) => sum + (requests[name] ?? 0), 0),
      prices[price],
      per,
    ),
  );
  lines.push(line('S3', 'storage for an hour', STORED_GB_MONTHS, prices.s3StandardGbMonth));
  return { usd: totalUsd(lines), region: priced, lines };
}

/** The price as text, such as `0.0012`. */
export function dollars(usd: number): string {
  return usd.toFixed(4);
}
