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
