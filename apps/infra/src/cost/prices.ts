/** What one unit costs, and who says so. */
export interface Price {
  /** US dollars, before tax and without any free tier. */
  usd: number;
  unit: string;
  /** The page it is from; for one from memory, the page to check it against. */
  source: string;
  /** When that page said so: its own date, or the month of which it speaks. */
  date: string;
  /** Whether the figure was read on the page; one that was not is from memory and must be checked. */
  read: boolean;
}

/** Everything that is priced. */
export const priced = [
  's3PutPer1000',
  's3GetPer1000',
  's3StandardGbMonth',
  's3DeepArchiveGbMonth',
  's3DeepArchiveTransitionPer1000',
  'transferOutGb',
  'sqsPerMillion',
  'lambdaArmGbSecond',
  'lambdaRequestsPerMillion',
  'dynamoWritePerMillion',
  'dynamoReadPerMillion',
  'dynamoStorageGbMonth',
  'dynamoRecoveryGbMonth',
  'logsIngestGb',
  'logsStorageGbMonth',
  'spansIngestGb',
  'metricMonth',
  'alarmMonth',
  'compositeAlarmMonth',
  'dashboardMonth',
  'endpointHour',
] as const;

export type Priced = (typeof priced)[number];
export type Prices = Readonly<Record<Priced, Price>>;

/** A price that was read on a page, which speaks of that date. */
export function read(usd: number, unit: string, source: string, date: string): Price {
  return { usd, unit, source, date, read: true };
}

/**
 * A price of AWS's price list, which is what it bills by. The list itself was out of reach: the figure was read where
 * public repositories quote it, by its usage type, with the day of the list.
 *
 * @param offer AWS's code of the service, such as `AmazonS3`
 * @param date of the list, year and month
 */
export function quoted(region: string, usd: number, unit: string, offer: string, date: string): Price {
  const source = `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/${region}/index.json`;
  return read(usd, unit, source, date);
}

/** A price from memory of one of AWS's public pages; to be checked there. */
export function remembered(usd: number, unit: string, page: string): Price {
  return { usd, unit, source: `https://aws.amazon.com/${page}/pricing/`, date: '2026-11', read: false };
}
