import { isGood, jsonReport, type Outcome, textReport } from './report.ts';

const good: Outcome = {
  files: 1234,
  bytesIn: 3000,
  bundles: 2,
  bytesOut: 1000,
  duplicates: 1,
  delivery: { delivered: [], quarantined: [], missing: [], mismatched: [] },
  leftOut: [],
  seconds: 12.34567,
  inbox: '/out/run-1',
};
const bad: Outcome = {
  ...good,
  delivery: {
    delivered: [],
    quarantined: [{ key: 'q', reason: 'too-large', detail: '5 bytes are more than 4' }],
    missing: Array.from({ length: 25 }, (_, index) => `lost\u001b ${index}`),
    mismatched: [{ key: 'm', problem: 'other bytes than were sent' }],
  },
  leftOut: [{ path: '/in/link', reason: 'symbolic link' }],
};

describe('a report', () => {
  it('as JSON is one line with all counts', () => {
    expect(jsonReport(good)).toBe(
      '{"files":1234,"bytesIn":3000,"bundles":2,"bytesOut":1000,"duplicates":1,"quarantined":0,"missing":0,"mismatched":0,"seconds":12.346}',
    );
    expect(JSON.parse(jsonReport(bad))).toMatchObject({ quarantined: 1, missing: 25, mismatched: 1 });
  });

  it('as text is a table', () => {
    const text = textReport(good, false);
    expect(text).toMatch(/files in +│ +1,234 │/);
    expect(text).toMatch(/ratio +│ +3\.00 : 1 │/);
    expect(text).toMatch(/files\/s +│ +100\.0 │/);
    expect(text).toContain('0 files are on disk as they went in');
    expect(text).toContain('/out/run-1');
    expect(text).not.toContain('\u001b');
  });

  it('names failed files with their reasons, up to a limit', () => {
    const text = textReport(bad, false);
    expect(text).toContain('Quarantined: 1\n  "q": too-large (5 bytes are more than 4)\n');
    expect(text).toContain('Missing: 25\n  "lost\\u001b 0"\n');
    expect(text).toContain('"lost\\u001b 19"\n  and 5 more\n');
    expect(text).toContain('Mismatched: 1\n  "m": other bytes than were sent\n');
    expect(text).toContain('Left out: 1\n  "/in/link": symbolic link\n');
    expect(text).toContain('Not every file is on disk as it went in.');
    expect(text).not.toContain('\u001b');
  });

  it('has colours on request', () => {
    expect(textReport(bad, true)).toContain('\u001b[31m25\u001b[39m');
  });

  it.each([
    ['with a quarantined file', { ...bad.delivery, missing: [], mismatched: [] }, true],
    ['with a missing file', { ...bad.delivery, mismatched: [] }, false],
    ['with a mismatched file', { ...bad.delivery, missing: [] }, false],
  ])('%s is good: %#', (_, delivery, expected) => {
    expect(isGood({ ...bad, delivery })).toBe(expected);
  });
});
