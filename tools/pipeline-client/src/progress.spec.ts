import { plainLines } from './progress.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('progress without a terminal', () => {
  it('shows how many bytes the current phase has moved once they are many', () => {
    let text = '';
    const progress = plainLines(1, { write: (more) => (text += more) }, 1_000);
    progress.phase('uploading');
    progress.update({ bytes: 99_999_999 });
    jest.advanceTimersByTime(1_000);
    progress.update({ bytes: 1_234_567_890 });
    jest.advanceTimersByTime(1_000);
    progress.phase('bundling');
    progress.stop();
    expect(text.split('\n').slice(1)).toEqual([
      '0:01  uploading: uploaded 0/1, queued 0, bundled 0',
      '0:02  uploading (1,234 MB): uploaded 0/1, queued 0, bundled 0',
      '0:02  bundling: uploaded 0/1, queued 0, bundled 0',
      '',
    ]);
  });

  it('prints a plain line at each phase and every few seconds until it is stopped', () => {
    let text = '';
    const progress = plainLines(5, { write: (more) => (text += more) }, 3_000);
    progress.phase('uploading');
    progress.update({ uploaded: 2, queued: 1 });
    jest.advanceTimersByTime(3_000);
    progress.note('2 messages came back');
    progress.update({ uploaded: 5 });
    jest.advanceTimersByTime(62_000);
    progress.stop();
    progress.note('too late');
    jest.advanceTimersByTime(60_000);
    const lines = text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '0:00  uploading: uploaded 0/5, queued 0, bundled 0',
      '0:03  uploading: uploaded 2/5, queued 1, bundled 0',
      '0:03  2 messages came back',
      '0:06  uploading: uploaded 5/5, queued 1, bundled 0',
    ]);
    expect(lines.slice(-2)).toEqual(['1:03  uploading: uploaded 5/5, queued 1, bundled 0', '']);
    expect(text).not.toContain('\u001b');
  });
});
