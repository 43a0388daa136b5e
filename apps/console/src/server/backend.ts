import type { Readable } from 'node:stream';
import type {
  AlarmList,
  BundleDetail,
  BundlePage,
  BundleState,
  BundleVerdict,
  Change,
  ChangePreview,
  ChangeResult,
  Cost,
  FileReport,
  FileSearch,
  Flow,
  FlowHistory,
  FunctionList,
  Load,
  LogPage,
  Quarantine,
  QuarantineCase,
  Session,
} from '../api.ts';

/** What the routes show and change. Every function throws a ConsoleError for what the user can correct, and CallError from AWS. */
export interface Backend {
  session: Omit<Session, 'mayChange' | 'allowChangesCommand'>;
  flow(): Promise<Flow>;
  history(): Promise<FlowHistory>;
  searchFiles(part: string): Promise<FileSearch>;
  file(key: string): Promise<FileReport>;
  bundles(query: BundleQuery): Promise<BundlePage>;
  bundle(query: MemberQuery): Promise<BundleDetail>;
  verify(key: string): Promise<BundleVerdict>;
  /** Finds a member, to be downloaded later. */
  member(bundle: string, index: number): Promise<MemberFile>;
  quarantine(): Promise<Quarantine>;
  quarantineCase(id: string): Promise<QuarantineCase>;
  alarms(): Promise<AlarmList>;
  functions(): Promise<FunctionList>;
  logs(query: LogQuery): Promise<LogPage>;
  cost(): Promise<Cost>;
  /** The embedded cloud only. */
  load?: LoadBackend;
  /** Finds out what a change would do, without doing it. */
  prepare(change: Change): Promise<Prepared>;
}

export interface LoadBackend {
  state(): Load;
  /** Calls back when a run starts, proceeds or ends; returns a function that ends this. */
  onChange(listener: () => void): () => void;
  /** Ends all runs and faults. */
  stop(): Promise<void>;
}

export interface BundleQuery {
  state: BundleState;
  after?: string | undefined;
  limit: number;
}

export interface MemberQuery {
  key: string;
  part: string;
  offset: number;
  limit: number;
}

export interface LogQuery {
  function?: string | undefined;
  pattern: string;
  from: number;
  to: number;
  after?: string | undefined;
}

export interface MemberFile {
  /** Without folders. */
  fileName: string;
  size: number;
  open(): Promise<Readable>;
}

/** The result of a change, and the error that ended it early, for the log. */
export interface Outcome extends ChangeResult {
  error?: unknown;
}

/** A change whose consequences are known. */
export interface Prepared {
  preview: Omit<ChangePreview, 'confirmation' | 'expiresAt'>;
  /** Makes exactly the change that the preview states, or a part of it if the signal ends it. */
  execute(signal: AbortSignal): Promise<Outcome>;
  /** For the log line: what changes, without content. */
  log: Record<string, unknown>;
}
