import type { StandIn } from '../stand-in/start.ts';

/** An artifact of the aggregator to measure. */
export interface Subject {
  /** Its name in tables. */
  name: string;
  /** The absolute path of its index.mjs. */
  artifact: string;
}

/** One measurement with that of its floor. */
export interface Sample {
  value: number;
  floor?: number;
  /** The cost of a bare pass-through of the same files. */
  bare?: number;
  /** The stand-in's share of the CPU time of both processes. */
  standInShare?: number;
}

export interface Workload {
  name: string;
  title: string;
  figure: 'CPU' | 'billed time' | 'peak RSS' | 'start' | 'size';
  unit: 'ms' | 'MB' | 'KB';
  floor?: string;
  /** The target: at most `times` the floor, or at most `most` units. */
  reach: { times: number } | { most: number };
  runs: number;
  /** Starts the processes; `sample` is then called `runs` times. */
  start(subject: Subject, bench: Bench): Promise<Running>;
}

export interface Bench {
  standIn: StandIn;
  /** Where to write profiles; none are written if it is not set. */
  profileFolder?: string;
}

export interface Running {
  sample(): Promise<Sample>;
  stop(): Promise<void>;
}
