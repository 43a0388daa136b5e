import type { StandIn } from '../stand-in/start.ts';

/** What is measured: an artifact of the aggregator. */
export interface Subject {
  /** How it is called in tables. */
  name: string;
  /** The absolute path of its index.mjs. */
  artifact: string;
}

/** One measurement, and that of its floor made in turns with it. */
export interface Sample {
  value: number;
  floor?: number;
  /** What a bare pass-through of the same files took. */
  bare?: number;
  /** Share of the stand-in in the processor time of both processes. */
  standInShare?: number;
}

export interface Workload {
  name: string;
  title: string;
  figure: 'CPU' | 'billed time' | 'peak RSS' | 'start' | 'size';
  unit: 'ms' | 'MB' | 'KB';
  floor?: string;
  /** What is hoped for: at most so many times the floor, or at most so much. */
  reach: { times: number } | { most: number };
  runs: number;
  /** Starts what is needed; `sample` is then called `runs` times. */
  start(subject: Subject, bench: Bench): Promise<Running>;
}

export interface Bench {
  standIn: StandIn;
  /** Where profiles go, if they are wanted. */
  profileFolder?: string;
}

export interface Running {
  sample(): Promise<Sample>;
  stop(): Promise<void>;
}
