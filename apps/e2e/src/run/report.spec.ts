import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './execute.ts';
import { writeJunit } from './junit.ts';
import { percentile, isGood, textReport } from './report.ts';

const outcome = (...checks: Outcome['checks']): Outcome => ({
  name: 'x',
  checks,
  seconds: 2,
  kept: undefined,
});
const good = { name: 'a', problem: undefined, seconds: 1.5 };
const bad = { name: 'b <&"', problem: 'it is lost' };

it('a scenario is good if it has checks and all pass', () => {
  expect([outcome(good), outcome(good, bad), outcome()].map(isGood)).toEqual([true, false, false]);
});

it('the text report names the problems', () => {
  expect(textReport(outcome(good), false)).toBe(
    'passed  x: 1 of 1 checks in 2.0 s; landing to distribution p50 1.5 s, p95 1.5 s, p99.9 1.5 s\n',
  );
  expect(textReport({ ...outcome(bad), kept: '/k' }, false)).toBe(
    'FAILED  x: 0 of 1 checks in 2.0 s\n        b <&": it is lost\n        bundles are kept in /k\n',
  );
});

it('the JUnit report has one test case per check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'junit-'));
  try {
    const file = join(folder, 'deep/report.xml');
    writeJunit(file, outcome(good, bad));
    const xml = readFileSync(file, 'utf8');
    expect(xml).toContain('<testsuite name="x" time="2" tests="2" failures="1"');
    expect(xml).toContain('<testcase classname="x" name="a" time="1.5"/>');
    expect(xml).toContain('<testcase classname="x" name="b &lt;&amp;&quot;">');
    expect(xml).toContain('<failure message="it is lost"/>');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const oneTo = (n: number) => Array.from({ length: n }, (_, index) => n - index);

it.each([
  [[], 50, undefined],
  [[7], 50, 7],
  [[7], 99.9, 7],
  [oneTo(4), 50, 2],
  [oneTo(100), 95, 95],
  [oneTo(100), 99.9, 100],
  [oneTo(2000), 99.9, 1998],
])('of %j, the percentile %d is %p', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});
