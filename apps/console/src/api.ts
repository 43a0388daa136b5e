/*
 * The routes between the page and the server. Types only, so that both sides import this file.
 *
 * Every request below `/api/` carries `Authorization: Bearer <token>`. The token is in the address that the console prints at its start,
 * `http://127.0.0.1:4600/#token=…`; the page moves it from there to `localStorage` and removes it from the address bar. Without a valid token the
 * answer is 401, and the page asks for the printed address.
 *
 * An error has a status of 4xx or 5xx and the body `Failure`. Times are ms since the epoch, sizes are bytes, unless a name says otherwise.
 * Keys, member names, messages and log lines come from outside: show them as text, never as markup.
 *
 *     GET  /api/session                                 Session
 *     GET  /api/events                                  server-sent events: `StreamEvents`
 *     GET  /api/flow                                    Flow
 *     GET  /api/flow/history                            FlowHistory
 *     GET  /api/files?part=…                            FileSearch        what landed recently and has `part` in its key
 *     GET  /api/file?key=…                              FileReport        every version of a key, with its timeline
 *     GET  /api/bundles?state=…&after=…&limit=…         BundlePage
 *     GET  /api/bundle?key=…&part=…&offset=…&limit=…    BundleDetail      members whose key or name has `part`
 *     POST /api/bundle/verify      BundleRequest        BundleVerdict
 *     POST /api/downloads          DownloadRequest      DownloadTicket    then open its `url`, once, within a minute
 *     GET  /api/downloads/:ticket                       the file, as an attachment; needs no token
 *     GET  /api/quarantine                              Quarantine
 *     GET  /api/quarantine/:id                          QuarantineCase
 *     GET  /api/alarms                                  AlarmList
 *     GET  /api/functions                               FunctionList
 *     GET  /api/logs?function=…&pattern=…&from=…&to=…&after=…   LogPage
 *     GET  /api/cost                                    Cost
 *     GET  /api/load                                    Load              embedded cloud only; 404 elsewhere
 *     POST /api/changes/preview    Change               ChangePreview     states what will happen; changes nothing
 *     POST /api/changes            ChangeConfirmation   ChangeResult      does it
 */

/** The body of every error. */
export interface Failure {
  /** A stable word, such as `no-token`, `read-only`, `not-found`, `invalid`, `stale-confirmation`, `aws`. */
  error: FailureKind;
  /** One sentence for people. */
  message: string;
  /** IAM action that is missing, if AWS denied a call: `sqs:GetQueueAttributes`. */
  missingPermission?: string;
}

export type FailureKind =
  | 'no-token'
  | 'forbidden'
  | 'read-only'
  | 'not-found'
  | 'invalid'
  | 'stale-confirmation'
  | 'busy'
  | 'aws'
  | 'internal';

/** Which environment the console shows, and what it may do there. */
export interface Session {
  target: 'local' | 'aws';
  /** Name of the environment: `dev`. */
  environment: string;
  region: string;
  buckets: { landing: string; distribution: string; archive: string };
  /** Whether changes are possible: always on the embedded cloud, with `--allow-changes` on AWS. */
  mayChange: boolean;
  /** Whether the view Load exists. */
  hasLoad: boolean;
  refresh: Refresh;
  /** The command that starts this console with changes allowed, for a console that is read only. */
  allowChangesCommand?: string;
}

/** How often live figures are read, and what that costs. */
export interface Refresh {
  /** 1 for the embedded cloud, 60 for AWS. */
  seconds: number;
  /** US dollars for an hour with an open page; 0 for the embedded cloud. */
  usdPerHour: number;
  /** For people: "CloudWatch charges about 0.02 USD for an hour with an open page." */
  sentence: string;
}

/** Server-sent events by name. Each event's data is one JSON document. */
export interface StreamEvents {
  /** Every `Refresh.seconds`, and at once after connecting. */
  flow: Flow;
  /** After connecting, and when counts change. */
  alarms: AlarmCounts;
  /** After connecting, and when an action starts, proceeds or ends; embedded cloud only. */
  load: Load;
  /** The figures cannot be read. The stream goes on and tries again. */
  failure: Failure;
}

// ── Flow ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type StageName = 'landing' | 'queue' | 'aggregator' | 'distribution' | 'consumer';

/** The live state of the pipeline. */
export interface Flow {
  at: number;
  /** In the order in which files pass. */
  stages: Stage[];
  /** The queue and function for files that are too large for a batch; absent if the environment has none. */
  largeObjects?: Stage;
  deadLetters: number;
  bottleneck: Bottleneck;
}

/** A stage of the diagram. A figure that is unknown is absent. */
export interface Stage {
  name: StageName | 'large-objects';
  /** Name of the AWS resource. */
  resource: string;
  status: 'ok' | 'busy' | 'warning' | 'critical';
  /** Per second, over the last minute: files, for distribution and consumer bundles. */
  ratePerSecond?: number;
  rateUnit: 'files' | 'bundles';
  waiting?: number;
  inFlight?: number;
  /** Of the oldest message or bundle that waits. */
  oldestSeconds?: number;
  /** Waiting bytes, for distribution. */
  bytes?: number;
  /** Whether more waits than could be counted. */
  isLowerBound?: boolean;
  deadLetters?: number;
  errorsPerMinute?: number;
  /** One sentence about this stage, for screen readers and as a caption. */
  sentence: string;
}

/** Where files wait, in words. */
export interface Bottleneck {
  /** Undefined if nothing holds files up. */
  stage?: Stage['name'];
  /** "The aggregator is the bottleneck: 1,203 files wait, the oldest for 95 s; 40 files/s come in and 12 files/s go out." */
  sentence: string;
  /** "Look at its errors" and the like; a view of the console, or a section of the runbook. */
  next?: NextStep;
}

/** Where to go on. */
export interface NextStep {
  label: string;
  view?: 'flow' | 'file' | 'bundles' | 'quarantine' | 'alarms' | 'functions' | 'cost' | 'load';
  /** Query parameters of that view, such as `{ function: 'aggregator', pattern: 'ERROR' }`. */
  query?: Record<string, string>;
  /** Section of the runbook: `outage`. */
  runbook?: string;
}

/** The last hour. All series have the same times. */
export interface FlowHistory {
  /** Start of each period, ms since the epoch, ascending. */
  times: number[];
  periodSeconds: number;
  series: Series[];
}

export interface Series {
  id: SeriesId;
  label: string;
  /** For the axis: `files/s`, `s`, `files`. */
  unit: string;
  /** One per time; null if there is no value. */
  values: (number | null)[];
}

export type SeriesId =
  | 'notified'
  | 'bundled'
  | 'queue-waiting'
  | 'queue-in-flight'
  | 'queue-oldest'
  | 'dead-letters'
  | 'invocations'
  | 'errors'
  | 'duration'
  | 'bundles-waiting'
  | 'bundles-oldest';

// ── File ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Files that landed recently, newest first. */
export interface FileSearch {
  part: string;
  files: FoundFile[];
  /** Whether more files match, or not all that landed recently were looked at. */
  isPartial: boolean;
  /** "Searched the 5,000 files that landed since 08:00." */
  sentence: string;
}

export interface FoundFile {
  key: string;
  size: number;
  landedAt: number;
}

/** The versions of a key, newest first. */
export interface FileReport {
  key: string;
  versions: FileVersion[];
  /** Number of older versions that are not among `versions`; absent if there are none. */
  olderVersions?: number;
  /** If nothing is known: what to do. */
  advice?: Advice;
}

export interface FileVersion {
  versionId: string;
  /** Its id in ledger and logs. */
  object: string;
  isLatest: boolean;
  size?: number;
  etag?: string;
  sha256?: string;
  crc64nvme?: string;
  where: 'delivered' | 'in-progress' | 'quarantined' | 'nowhere' | 'unknown';
  /** Always all nine, in order. */
  timeline: TimelineStep[];
  /** `offset`: the first byte of its content in the uncompressed tar. */
  bundle?: { key: string; group?: string; name?: string; index?: number; members?: number; offset?: number };
  /** Log lines about it, newest last; empty if there are none. */
  log: LogEvent[];
  /** Why `log` may not have all lines. */
  logProblem?: string;
  /** Where it is stuck and what to do; absent if it needs nothing. */
  advice?: Advice;
}

export type StepName =
  | 'landed'
  | 'notified'
  | 'received'
  | 'claimed'
  | 'bundled'
  | 'published'
  | 'replicated'
  | 'taken'
  | 'receipt';

export interface TimelineStep {
  name: StepName;
  /** `skipped`: it does not apply, such as a receipt without a consumer that stores them. `inferred` steps: see `isInferred`. */
  state: 'done' | 'current' | 'pending' | 'failed' | 'unknown' | 'skipped';
  /** When; absent if unknown. */
  at?: number;
  /** The step is known only from a later one, such as the notification of a bundled file. */
  isInferred?: boolean;
  /** One sentence. */
  detail: string;
}

export interface Advice {
  /** "It is in the quarantine: its key has no safe name." */
  problem: string;
  /** What to do, one sentence each. */
  steps: NextStep[];
}

// ── Bundles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bundles, newest first; taken ones by the day on which they were begun. A page may have fewer than `limit`, or none, and still a `next`. */
export interface BundlePage {
  state: BundleState;
  bundles: BundleSummary[];
  /** For the next page, as `after`; absent at the end. */
  next?: string;
}

/** `waiting`: in distribution. `taken`: the consumer deleted it there; read from the archive. */
export type BundleState = 'waiting' | 'taken';

export interface BundleSummary {
  key: string;
  group?: string;
  state: BundleState;
  /** Absent for a taken bundle that is not in the archive. */
  size?: number;
  publishedAt: number;
  isReplay: boolean;
}

export interface BundleDetail {
  key: string;
  group?: string;
  /** `taken-or-expired`: no longer in distribution, without a proof that the consumer took it. `gone`: neither in distribution nor in the archive. */
  state: BundleState | 'taken-or-expired' | 'gone';
  size: number;
  format: string;
  sha256?: string;
  crc64nvme?: string;
  createdAt: number;
  publishedAt?: number;
  /** Whether the archive has a replica; when it was made is not known, because a replica keeps the time of its original. */
  isReplicated: boolean;
  /** When it was deleted from distribution, by the consumer or because it expired. */
  takenAt?: number;
  receipt?: { onDiskAt: number; consumer: string; members: number; layout: string };
  /** Why its receipt cannot be read. */
  receiptProblem?: string;
  /** Number of members. */
  total: number;
  /** Bytes of all members. */
  memberBytes: number;
  /** Number of members that match `part`. */
  matching: number;
  /** Those from `offset` on, at most `limit` (default 500, at most 5,000). */
  members: BundleMember[];
  /** Manifest as stored in the archive: its key. */
  manifestKey: string;
}

export interface BundleMember {
  /** Position in the bundle, from 0. */
  index: number;
  key: string;
  /** Path in the tar. */
  name: string;
  versionId: string;
  size: number;
  sha256?: string;
  crc64nvme?: string;
  etag: string;
  verifiedBy?: string;
  landedAt: number;
}

export interface BundleRequest {
  key: string;
}

export interface BundleVerdict {
  key: string;
  /** `bucket/key` that was read. */
  place: string;
  files: number;
  /** Empty if the bundle is intact. */
  problems: string[];
  seconds: number;
}

export interface DownloadRequest {
  bundle: string;
  /** `index` of the member. */
  index: number;
}

export interface DownloadTicket {
  /** `/api/downloads/…` */
  url: string;
  /** File name, without folders. */
  fileName: string;
  size: number;
  expiresAt: number;
}

// ── Quarantine ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Quarantine {
  readAt: number;
  reasons: QuarantineReason[];
  /** Oldest first. */
  cases: QuarantineSummary[];
  /** Whether more dead letters may exist than were read. */
  mayHaveMore: boolean;
  /** "Reading hides the dead letters from other readers for a moment." */
  sentence: string;
}

export interface QuarantineReason {
  reason: string;
  /** What the reason means, in a sentence. */
  meaning: string;
  cases: number;
  letters: number;
}

export interface QuarantineSummary {
  id: string;
  reason: string;
  detail: string;
  since: number;
  letters: number;
  keys: string[];
}

export interface QuarantineCase extends QuarantineSummary {
  objects: { bucket: string; key: string; version: string; size?: number; landedAt: number }[];
  messages: { id: string; sentAt: number; attributes: Record<string, string>; body: string }[];
}

// ── Alarms ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AlarmCounts {
  alarm: number;
  ok: number;
  insufficientData: number;
}

/** In ALARM first, then by name. */
export interface AlarmList {
  readAt: number;
  counts: AlarmCounts;
  alarms: Alarm[];
}

export interface Alarm {
  name: string;
  /** Without the environment: `aggregator-errors`. */
  id: string;
  kind: 'metric' | 'composite';
  state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** CloudWatch's reason for the state. */
  reason: string;
  since: number;
  meaning: string;
  /** The matching section of docs/runbook.md. */
  runbook?: RunbookSection;
  /** Views that show the cause. */
  next: NextStep[];
}

export interface RunbookSection {
  /** `function-errors` */
  id: string;
  title: string;
  /** In order. */
  blocks: RunbookBlock[];
}

/** Plain text; `code` spans are marked by backticks. */
export type RunbookBlock =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'table'; head: string[]; rows: string[][] };

// ── Functions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The last hour. */
export interface FunctionList {
  readAt: number;
  /** Start of each period of the series. */
  times: number[];
  periodSeconds: number;
  functions: FunctionReport[];
}

export interface FunctionReport {
  /** `aggregator` */
  name: string;
  /** Physical name. */
  functionName: string;
  logGroup: string;
  timeoutSeconds: number;
  memoryMb: number;
  invocations: number;
  errors: number;
  throttles: number;
  /** Milliseconds; absent without invocations. */
  averageMs?: number;
  p95Ms?: number;
  maxMs?: number;
  /** MB, from the log of the last hour; absent without invocations. */
  maxMemoryMb?: number;
  series: { invocations: (number | null)[]; errors: (number | null)[]; maxMs: (number | null)[] };
}

export interface LogPage {
  /** Oldest first. */
  events: LogEvent[];
  /** For the next page, as `after`; absent at the end. */
  next?: string;
}

export interface LogEvent {
  at: number;
  /** Level, if the line has one: `INFO`, `WARN`, `ERROR`; `REPORT` and the like for platform lines. */
  level: string;
  /** Name of the event, such as `bundle.published`, or the text of a line that is not JSON. */
  message: string;
  /** The other fields as JSON text, one line; empty if there are none. */
  fields: string;
  function: string;
  requestId?: string;
}

// ── Cost ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Cost {
  region: string;
  /** Region of the price table, if there is none for `region`. */
  pricesOf: string;
  /** The rates of the last hour. */
  measured: { label: string; value: number; unit: string }[];
  /** How long the measurement covers, at most an hour. */
  measuredSeconds: number;
  lines: CostLine[];
  usdPerMonth: number;
  /** What the console itself costs per month if it is always open; 0 for the embedded cloud. */
  consoleUsdPerMonth: number;
  /** What the figures assume. */
  notes: string[];
}

export interface CostLine {
  area: string;
  what: string;
  quantity: number;
  unit: string;
  usdPerMonth: number;
  /** Whether the price was read from its source; otherwise it is from memory. */
  isPriceChecked: boolean;
  /** Whether the quantity was measured; otherwise it follows from the templates. */
  isMeasured: boolean;
}

// ── Load ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Load {
  actions: LoadAction[];
  /** The newest first. */
  runs: LoadRun[];
}

export type LoadActionName = 'burst' | 'poison' | 'kill' | 'outage' | 'scenario';

export interface LoadAction {
  name: LoadActionName;
  title: string;
  description: string;
  /** Defaults and bounds of its number, if it has one: files of a burst, seconds of an outage. */
  amount?: { label: string; unit: string; default: number; min: number; max: number };
  /** Values to choose one from, if it has any: the scenarios. */
  choices?: { value: string; description: string }[];
}

export interface LoadRun {
  id: string;
  action: LoadActionName;
  state: 'running' | 'done' | 'failed';
  startedAt: number;
  endedAt?: number;
  /** 0 to 1. A scenario stays at 0 until its end; its sentence says how far it is. */
  progress: number;
  /** "412 of 1,000 files uploaded." */
  sentence: string;
}

// ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A change to preview. */
export type Change =
  | ({ kind: 'redrive' } & CaseChoice)
  | ({ kind: 'drop'; note: string } & CaseChoice)
  | { kind: 'load'; action: LoadActionName; amount?: number; choice?: string };

/** Exactly one. */
export type CaseChoice = { ids: string[] } | { reason: string } | { all: true };

/** What will happen. Nothing has changed yet. */
export interface ChangePreview {
  /** To send as `ChangeConfirmation`; valid once, for two minutes. */
  confirmation: string;
  expiresAt: number;
  /** "Redrive 3 cases" */
  title: string;
  /** What will happen, one sentence each. */
  consequences: string[];
  /** Keys or ids that it affects, at most 20. */
  affected: string[];
  /** Number of them. */
  affectedTotal: number;
  /** Whether it cannot be undone. */
  isFinal: boolean;
  /** Label of the button: "Redrive 3 cases". */
  confirmLabel: string;
}

export interface ChangeConfirmation {
  confirmation: string;
}

export interface ChangeResult {
  ok: boolean;
  /** What happened, one sentence each. */
  sentences: string[];
  /** The run that was started, for `load`. */
  run?: LoadRun;
}
