/** How the stand-in answers until it is told otherwise. */
export interface Behaviour {
  /** Milliseconds before the first byte of a GET. */
  firstByteMs: number;
  /** Where every object is claimed already: the answer to a claim, and the note of the bundle that holds it, as JSON. */
  claimed?: { refusal: string; note: string };
}

/** What the stand-in did since it was last told how to behave. */
export interface Tally {
  gets: number;
  /** Objects stored. */
  puts: number;
  /** Bytes of the bundles among them. */
  bundleBytes: number;
  /** Calls to the table. */
  writes: number;
  cpuMs: number;
}
