/** The price of one unit, with its source. */
export interface Price {
  /** US dollars, before tax and without any free tier. */
  usd: number;
  unit: string;
  /** The page with the price; for a price from memory, the page on which to check it. */
  source: string;
  /** Date of the page, or the month to which it refers. */
  date: string;
  /** Whether the figure was read on the page; otherwise it is from memory and must be checked. */
  read: boolean;
}

/** The names of all prices. */
export const priced = [
  's3PutPer1000',
  's3GetPer1000',
  's3StandardGbMonth',
  's3InstantGbMonth',
  's3InstantPutPer1000',
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
  'metricDataPer1000',
  'alarmMonth',
  'compositeAlarmMonth',
  'dashboardMonth',
  'endpointHour',
] as const;

export type Priced = (typeof priced)[number];
export type Prices = Readonly<Record<Priced, Price>>;

/** A price that was read on a page of the given date. */
export function read(usd: number, unit: string, source: string, date: string): Price {
  return { usd, unit, source, date, read: true };
}

/**
 * A price from AWS's price list, by which AWS bills. The list itself was not accessible: the figure was read in public
 * repositories that quote the list by usage type and date.
 *
 * @param offer AWS's code for the service, such as `AmazonS3`
 * @param date of the list, year and month
 */
export function quoted(region: string, usd: number, unit: string, offer: string, date: string): Price {
  const source = `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/${region}/index.json`;
  return read(usd, unit, source, date);
}

/** A price from memory, which must be checked on AWS's public page. */
export function remembered(usd: number, unit: string, page: string): Price {
  return { usd, unit, source: `https://aws.amazon.com/${page}/pricing/`, date: '2026-11', read: false };
}
