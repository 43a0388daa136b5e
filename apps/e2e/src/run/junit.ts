import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import junit, { type Builder } from 'junit-report-builder';
import type { Outcome } from './execute.ts';

/** Node imports the builder itself, although the package's types declare a module that contains it. */
const reports = junit as unknown as Builder;

/** Writes a JUnit XML report: one test case per check. */
export function writeJunit(file: string, { name, checks, seconds }: Outcome): void {
  mkdirSync(dirname(file), { recursive: true });
  const builder = reports.newBuilder();
  const suite = builder
    .testSuite()
    .name(name)
    .time(Number(seconds.toFixed(3)));
  for (const check of checks) {
    const testCase = suite.testCase().className(name).name(check.name);
    if (check.seconds !== undefined) testCase.time(check.seconds);
    if (check.problem !== undefined) testCase.failure(check.problem);
  }
  builder.writeTo(file);
}
