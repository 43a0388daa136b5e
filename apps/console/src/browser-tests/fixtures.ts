import type {
  Alarm,
  AlarmList,
  BundleDetail,
  BundleMember,
  BundleSummary,
  Cost,
  FileReport,
  Flow,
  FlowHistory,
  FoundFile,
  FunctionList,
  FunctionReport,
  Load,
  LogEvent,
  Quarantine,
  QuarantineCase,
  Session,
  StepName,
  TimelineStep,
} from '../api.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Keys as an attacker, or a strange program, would choose them. */
export const HOSTILE_KEYS = {
  markup: '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>.xml',
  reversed: 'invoices/\u202egpj.exe\u2066.xml',
  controls: 'tab\there\u0000nul\u001b[31mred\u009b1mbold\nnewline\u200bzero.xml',
  long: `long/${'a'.repeat(1_015)}.xml`,
  prototype: '__proto__',
} as const;

export function session(changes: Partial<Session> = {}): Session {
  return {
    target: 'local',
    environment: 'sandbox',
    region: 'eu-west-2',
    buckets: { landing: 'landing-1', distribution: 'distribution-1', archive: 'archive-1' },
    mayChange: true,
    hasLoad: true,
    refresh: {
      seconds: 1,
      usdPerHour: 0,
      sentence: 'The figures are read every second. The embedded cloud charges nothing.',
    },
    ...changes,
  };
}

export function flow(at: number): Flow {
  return {
    at,
    stages: [
      {
        name: 'landing',
        resource: 'data-aggregator-sandbox-landing-000000000000',
        status: 'ok',
        ratePerSecond: 40.2,
        rateUnit: 'files',
        sentence: '40 files/s arrive.',
      },
      {
        name: 'queue',
        resource: 'data-aggregator-sandbox-aggregator',
        status: 'warning',
        ratePerSecond: 40.2,
        rateUnit: 'files',
        waiting: 1_203,
        inFlight: 480,
        oldestSeconds: 95,
        sentence: '1,203 messages wait, the oldest for 95 s.',
      },
      {
        name: 'aggregator',
        resource: 'data-aggregator-sandbox-aggregator',
        status: 'warning',
        ratePerSecond: 12.4,
        rateUnit: 'files',
        inFlight: 2,
        errorsPerMinute: 3,
        sentence: '2 invocations run; 3 failed in the last minute.',
      },
      {
        name: 'distribution',
        resource: 'data-aggregator-sandbox-distribution-000000000000',
        status: 'ok',
        ratePerSecond: 0.08,
        rateUnit: 'bundles',
        waiting: 7,
        oldestSeconds: 41,
        bytes: 83_886_080,
        sentence: '7 bundles wait for the consumer, the oldest for 41 s.',
      },
      {
        name: 'consumer',
        resource: 'on-premise program',
        status: 'ok',
        ratePerSecond: 0.07,
        rateUnit: 'bundles',
        sentence: 'It took its last bundle 12 s ago.',
      },
    ],
    largeObjects: {
      name: 'large-objects',
      resource: 'data-aggregator-sandbox-large-objects',
      status: 'ok',
      ratePerSecond: 0,
      rateUnit: 'files',
      waiting: 0,
      inFlight: 0,
      sentence: 'No large file waits.',
    },
    deadLetters: 5,
    bottleneck: {
      stage: 'aggregator',
      sentence:
        'The aggregator is the bottleneck: 1,203 files wait, the oldest for 95 s; 40 files/s come in and 12 files/s go out.',
      next: {
        label: 'Look at its errors',
        view: 'functions',
        query: { function: 'aggregator', pattern: 'ERROR' },
      },
    },
  };
}

export function history(at: number): FlowHistory {
  const times = Array.from({ length: 60 }, (_, n) => at - (60 - n) * MINUTE);
  const wave = (base: number, swing: number, lag = 0) =>
    times.map((_, n) => (n < 5 ? null : Math.max(0, base + swing * Math.sin((n - lag) / 6) + (n % 7))));
  return {
    times,
    periodSeconds: 60,
    series: [
      { id: 'notified', label: 'Notified', unit: 'files/s', values: wave(30, 20) },
      { id: 'bundled', label: 'Bundled', unit: 'files/s', values: wave(26, 18, 3) },
      { id: 'queue-waiting', label: 'Waiting', unit: 'messages', values: wave(700, 600) },
      { id: 'queue-in-flight', label: 'In flight', unit: 'messages', values: wave(300, 200) },
      { id: 'queue-oldest', label: 'Oldest message', unit: 's', values: wave(50, 40) },
      {
        id: 'dead-letters',
        label: 'Dead letters',
        unit: 'messages',
        values: times.map((_, n) => (n < 40 ? 0 : 5)),
      },
      { id: 'invocations', label: 'Invocations', unit: 'per minute', values: wave(60, 30) },
      { id: 'errors', label: 'Errors', unit: 'per minute', values: times.map((_, n) => (n > 50 ? 3 : 0)) },
      { id: 'duration', label: 'Duration', unit: 's', values: wave(9, 4) },
      { id: 'bundles-waiting', label: 'Bundles waiting', unit: 'bundles', values: wave(8, 6) },
      { id: 'bundles-oldest', label: 'Oldest bundle', unit: 's', values: wave(60, 50) },
    ],
  };
}

export function files(at: number): FoundFile[] {
  return [
    ...Object.values(HOSTILE_KEYS),
    ...Array.from({ length: 300 }, (_, n) => `invoices/2026/11/${String(n).padStart(5, '0')}.xml`),
  ].map((key, n) => ({ key, size: 2_000 + n * 37, landedAt: at - n * 9_000 }));
}

const STEPS: StepName[] = [
  'landed',
  'notified',
  'received',
  'claimed',
  'bundled',
  'published',
  'replicated',
  'taken',
  'receipt',
];

/** A file whose last step so far is `current`, with one earlier version that was quarantined. */
export function fileReport(key: string, at: number): FileReport {
  const timeline = (reached: number, failed: boolean): TimelineStep[] =>
    STEPS.map((name, n) => ({
      name,
      state: n < reached ? 'done' : n > reached ? 'pending' : failed ? 'failed' : 'current',
      ...(n <= reached && { at: at - 4 * MINUTE + n * 13_700 }),
      ...(n === 1 && { isInferred: true }),
      detail: n < reached ? `Step ${name} is complete.` : `Step ${name} has not completed.`,
    }));
  return {
    key,
    versions: [
      {
        versionId: 'mWJmBAKC1cB6nB0IYYl8U9BNrYAcAjZs',
        object: '5f1a2c3d4e5f60718293a4b5c6d7e8f9',
        isLatest: true,
        size: 48_213,
        etag: '9b2cf535f27731c974343645a3985328',
        sha256: 'a3f5b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2',
        where: 'delivered',
        timeline: timeline(7, false),
        bundle: { key: bundleKey(12), name: key, index: 5, members: 412, offset: 1_048_576 },
        log: logEvents(at, 6),
        advice: {
          problem: 'The consumer has not taken the bundle; it has waited for 41 s.',
          steps: [
            { label: 'Show the waiting bundles', view: 'bundles' },
            { label: 'Read “Backlog” in the runbook', runbook: 'backlog' },
          ],
        },
      },
      {
        versionId: 'u2ZgWJmBAKC1cB6nB0IYYl8U9BNrYAcA',
        object: '00112233445566778899aabbccddeeff',
        isLatest: false,
        size: 48_100,
        where: 'quarantined',
        timeline: timeline(4, true),
        log: [],
        advice: {
          problem: 'It is in the quarantine: S3 denied access.',
          steps: [{ label: 'Show the case', view: 'quarantine', query: { id: 'c000000000001' } }],
        },
      },
    ],
  };
}

export function bundleKey(n: number): string {
  const day = String(22 - (n % 20)).padStart(2, '0');
  return `bundles/2026/11/${day}/09/bundle-202611${day}T090807Z-${n.toString(16).padStart(16, '0')}.tar.gz`;
}

export function bundles(total: number, at: number): BundleSummary[] {
  return Array.from({ length: total }, (_, n) => ({
    key: bundleKey(n),
    state: 'waiting',
    size: 3_000_000 + ((n * 7_919) % 9_000_000),
    publishedAt: at - n * 12_000,
    isReplay: n % 50 === 49,
  }));
}

export function bundleDetail(key: string, members: readonly BundleMember[], at: number): BundleDetail {
  return {
    key,
    state: 'waiting',
    size: 4_811_123,
    format: 'tar.gz',
    sha256: 'a3f5b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2',
    createdAt: at - 2 * MINUTE,
    publishedAt: at - 2 * MINUTE + 900,
    isReplicated: true,
    total: members.length,
    memberBytes: members.reduce((sum, { size }) => sum + size, 0),
    matching: members.length,
    members: [...members],
    manifestKey: `manifests/${key}.json`,
  };
}

export function members(total: number, at: number): BundleMember[] {
  const keys = [
    ...Object.values(HOSTILE_KEYS),
    ...Array.from({ length: total }, (_, n) => `invoices/2026/11/${String(n).padStart(5, '0')}.xml`),
  ];
  return keys.slice(0, total).map((key, index) => ({
    index,
    key,
    name: key.replace(/[^\w/.]/g, '_').slice(0, 255),
    versionId: `version-${index}`,
    size: 1_000 + index * 31,
    sha256: index.toString(16).padStart(64, 'a'),
    etag: index.toString(16).padStart(32, 'e'),
    verifiedBy: 'crc64nvme',
    landedAt: at - 3 * MINUTE - index * 10,
  }));
}

export function quarantine(at: number): Quarantine {
  const cases = [
    ...Object.values(HOSTILE_KEYS).map((key, n) => caseOf(n, 'unsafe-key', [key], at)),
    ...Array.from({ length: 14 }, (_, n) =>
      caseOf(n + 10, 'access-denied', [`invoices/denied/${n}.xml`], at),
    ),
    caseOf(40, 'malformed', [], at),
  ];
  return {
    readAt: at,
    reasons: [
      {
        reason: 'access-denied',
        meaning:
          'S3 refused to let the function read the object. Fix the permission, then redrive with `redrive`.',
        cases: 14,
        letters: 14,
      },
      { reason: 'unsafe-key', meaning: 'The key has no safe name.', cases: 5, letters: 5 },
      { reason: 'malformed', meaning: 'The notification cannot be read.', cases: 1, letters: 1 },
    ],
    cases,
    mayHaveMore: false,
    sentence: 'Reading hides the dead letters from other readers for a moment.',
  };
}

function caseOf(n: number, reason: string, keys: string[], at: number) {
  return {
    id: `c${String(n).padStart(12, '0')}`,
    reason,
    detail: reason === 'access-denied' ? 'GetObject: AccessDenied (403)' : 'No safe name exists for the key.',
    since: at - (n + 1) * 7 * MINUTE,
    letters: 1,
    keys,
  };
}

export function quarantineCase(id: string, at: number): QuarantineCase {
  const summary = quarantine(at).cases.find((one) => one.id === id) ?? caseOf(0, 'unsafe-key', ['x'], at);
  const objects = summary.keys.map((key) => ({
    bucket: 'landing-1',
    key,
    version: 'mWJmBAKC1cB6nB0IYYl8U9BNrYAcAjZs',
    size: 4_711,
    landedAt: summary.since - 20_000,
  }));
  return {
    ...summary,
    objects,
    messages: [
      {
        id: '4c2c3a4e-5a51-4a7e-b9a7-0d1c2b3a4f5e',
        sentAt: summary.since,
        attributes: { reason: summary.reason, detail: summary.detail, messageId: 'b1b2' },
        body: JSON.stringify({
          Records: objects.map(({ bucket, key }) => ({ s3: { bucket, object: { key } } })),
        }),
      },
    ],
  };
}

export function alarmList(at: number): AlarmList {
  const alarms = [
    alarm('aggregator-errors', 'ALARM', at),
    alarm('aggregator-old-messages', 'ALARM', at),
    ...[
      'dead-letters',
      'quarantine',
      'lost-files',
      'backlog-oldest',
      'backlog-count',
      'function-memory',
      'replication',
    ].map((id) => alarm(id, 'OK', at)),
    alarm('no-inflow', 'INSUFFICIENT_DATA', at),
  ];
  return { readAt: at, counts: { alarm: 2, ok: 7, insufficientData: 1 }, alarms };
}

function alarm(id: string, state: Alarm['state'], at: number): Alarm {
  return {
    name: `data-aggregator-sandbox-${id}`,
    id,
    kind: 'metric',
    state,
    reason: 'Threshold Crossed: 1 datapoint [3.0 (26/11/26 08:01:00)] was greater than the threshold (0.0).',
    since: at - 3 * MINUTE,
    meaning: 'A function failed, or was killed at its timeout. If it has a queue, its batch returns.',
    runbook: {
      id: 'function-errors',
      title: 'Function errors',
      blocks: [
        {
          kind: 'text',
          text: 'A function failed, or was killed at its timeout. Read the log for `level` ERROR:',
        },
        {
          kind: 'code',
          language: 'sh',
          text: 'aws logs filter-log-events --log-group-name $LOGS --start-time $(( ($(date +%s) - 3600) * 1000 )) \\\n  --filter-pattern \'{ $.level = "ERROR" }\'',
        },
        { kind: 'heading', text: 'It was killed at its timeout' },
        {
          kind: 'list',
          items: ['What it had published stays published.', 'The rest returns after `visibilityTimeout`.'],
        },
        {
          kind: 'table',
          head: ['reason', 'meaning'],
          rows: [
            ['access-denied', 'a missing permission'],
            ['gone', 'the external party deletes what it uploads'],
          ],
        },
      ],
    },
    next: [
      {
        label: 'Errors in the aggregator’s log',
        view: 'functions',
        query: { function: 'aggregator', pattern: 'ERROR' },
      },
    ],
  };
}

export function functionList(at: number): FunctionList {
  const times = Array.from({ length: 60 }, (_, n) => at - (60 - n) * MINUTE);
  const report = (name: string, invocations: number, errors: number): FunctionReport => ({
    name,
    functionName: `data-aggregator-sandbox-${name}`,
    logGroup: `/data-aggregator/sandbox/${name}`,
    timeoutSeconds: 60,
    memoryMb: 512,
    invocations,
    errors,
    throttles: 0,
    ...(invocations > 0 && { averageMs: 4_300, p95Ms: 9_800, maxMs: 14_200, maxMemoryMb: 301 }),
    series: {
      invocations: times.map((_, n) => (invocations === 0 ? null : (n * 7) % 23)),
      errors: times.map((_, n) => (errors > 0 && n > 50 ? 1 : 0)),
      maxMs: times.map((_, n) => (invocations === 0 ? null : 4_000 + ((n * 811) % 9_000))),
    },
  });
  return {
    readAt: at,
    times,
    periodSeconds: 60,
    functions: [
      report('aggregator', 1_240, 9),
      report('large-objects', 0, 0),
      report('distribution-monitor', 12, 0),
      report('reconciler', 1, 0),
      report('replayer', 0, 0),
    ],
  };
}

export function logEvents(at: number, total: number): LogEvent[] {
  return Array.from({ length: total }, (_, n) => ({
    at: at - (total - n) * 700,
    level: n % 9 === 8 ? 'ERROR' : n % 5 === 4 ? 'WARN' : 'INFO',
    message: n % 9 === 8 ? 'batch.failed' : n % 5 === 4 ? 'member.quarantined' : 'bundle.published',
    fields: JSON.stringify({
      bundle: bundleKey(n),
      members: 412,
      bytes: 4_811_123,
      cause: HOSTILE_KEYS.markup,
    }),
    function: 'aggregator',
    requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  }));
}

export function cost(): Cost {
  const line = (
    area: string,
    what: string,
    quantity: number,
    unit: string,
    usdPerMonth: number,
    isMeasured = true,
  ) => ({
    area,
    what,
    quantity,
    unit,
    usdPerMonth,
    isPriceChecked: what !== 'Data transfer to the internet',
    isMeasured,
  });
  return {
    region: 'eu-west-2',
    pricesOf: 'eu-west-2',
    measuredSeconds: 3_600,
    measured: [
      { label: 'Files', value: 12.4, unit: 'per second' },
      { label: 'Average size', value: 4.1, unit: 'KiB' },
      { label: 'Bundles', value: 288, unit: 'per hour' },
      { label: 'Lambda', value: 0.31, unit: 'GB-seconds per second' },
    ],
    lines: [
      line('S3', 'PUT requests of files', 32_140_800, 'requests', 170.35),
      line('S3', 'GET requests', 32_140_800, 'requests', 13.5),
      line('S3', 'Storage of landing', 1_200, 'GB', 28.8, false),
      line('DynamoDB', 'Writes of claims', 32_140_800, 'write units', 23.88),
      line('Lambda', 'Compute', 803_520, 'GB-seconds', 10.71),
      line('SQS', 'Requests', 9_642_240, 'requests', 3.86),
      line('Network', 'Data transfer to the internet', 310, 'GB', 27.9, false),
    ],
    usdPerMonth: 279,
    consoleUsdPerMonth: 0,
    notes: ['Storage follows from the retention in the templates.', 'Free tiers are left out.'],
  };
}

export function load(at: number): Load {
  return {
    actions: [
      {
        name: 'burst',
        title: 'Burst',
        description: 'Uploads many small files at once.',
        amount: { label: 'Files', unit: 'files', default: 1_000, min: 1, max: 30_000 },
      },
      { name: 'poison', title: 'Poison file', description: 'Uploads a file whose key has no safe name.' },
      { name: 'kill', title: 'Kill', description: 'Kills a running process of the aggregator.' },
      {
        name: 'outage',
        title: 'Outage',
        description: 'Every call to the ledger fails for a while.',
        amount: { label: 'For', unit: 'seconds', default: 30, min: 5, max: 600 },
      },
      {
        name: 'scenario',
        title: 'Run a scenario',
        description: 'Runs an end-to-end scenario.',
        choices: [
          { value: '00_single_file', description: 'One file.' },
          { value: '14_burst', description: 'A hundred files a second for a minute.' },
        ],
      },
    ],
    runs: [
      {
        id: 'r2',
        action: 'burst',
        state: 'running',
        startedAt: at - 5_000,
        progress: 0.41,
        sentence: '412 of 1,000 files uploaded.',
      },
      {
        id: 'r1',
        action: 'poison',
        state: 'done',
        startedAt: at - HOUR,
        endedAt: at - HOUR + 2_300,
        progress: 1,
        sentence: 'The file landed; it is in the quarantine.',
      },
    ],
  };
}
