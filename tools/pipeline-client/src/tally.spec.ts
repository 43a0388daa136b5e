import { createTally } from './tally.ts';

const line = (text: string, source: 'function' | 'platform' = 'function') => ({
  functionName: 'aggregator',
  requestId: '1',
  source,
  text,
  logStream: 's',
  time: 0,
});

describe('a tally', () => {
  it('counts bundled files, duplicates, forwards and retries in the log, and ignores other lines', () => {
    const { tally, add } = createTally();
    add(line('{"message":"bundle.published","members":3,"bundle":"b"}'));
    add(line('{"message":"bundle.published","members":4,"bundle":"c"}'));
    add(line('{"message":"batch.done","Duplicates":2,"Forwarded":5,"Bundled":7}'));
    add(line('{"message":"batch.done","Duplicates":1,"Forwarded":0}'));
    add(line('{"message":"member.retried","object":"x","why":"unavailable","detail":"throttled"}'));
    // The metrics of the same invocation have the same names.
    add(line('{"_aws":{},"Duplicates":3,"Bundled":7}'));
    add(line('{"message":"bundle.published","members":100}', 'platform'));
    add(line('{ no JSON'));
    add(line('plain text'));
    expect(tally).toEqual({ bundled: 7, duplicates: 3, forwarded: 5, lastRetry: 'unavailable: throttled' });
  });
});
