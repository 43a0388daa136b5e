import type { Compressibility } from './compressibility.ts';
import { createCompressibilityTracker } from './compressibility-tracker.ts';

const KB = 1024;
const chunk = new Uint8Array(128 * KB);

describe('the compressibility of a content in chunks', () => {
  it('is classified again at growing intervals of at most 2 MB', () => {
    const looks: number[] = [];
    let at = 0;
    const tracker = createCompressibilityTracker(() => {
      looks.push(at / KB);
      return 'incompressible';
    });
    for (; at < 8 * KB * KB; at += chunk.length) tracker.next(chunk);
    expect(looks).toEqual([0, 256, 768, 1792, 3840, 5888, 7936]);
  });

  it('changes with the content', () => {
    let now: Compressibility = 'compressible';
    const tracker = createCompressibilityTracker(() => now);
    const natures = Array.from({ length: 8 }, (_, index) => {
      if (index === 2) now = 'incompressible';
      return tracker.next(chunk);
    });
    expect(natures.indexOf('incompressible')).toBeGreaterThanOrEqual(2);
    expect(natures.at(-1)).toBe('incompressible');
  });

  it('is classified at the first chunk that is long enough', () => {
    const tracker = createCompressibilityTracker((bytes) =>
      bytes.length < 10 ? undefined : 'incompressible',
    );
    expect([tracker.next(new Uint8Array(5)), tracker.next(chunk)]).toEqual([
      'compressible',
      'incompressible',
    ]);
  });

  it('is reset between members', () => {
    const tracker = createCompressibilityTracker((bytes) =>
      bytes.length < 10 ? undefined : 'incompressible',
    );
    tracker.next(chunk);
    tracker.reset();
    expect(tracker.next(new Uint8Array(5))).toBe('compressible');
  });
});
