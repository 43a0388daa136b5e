import fc from 'fast-check';
import { createRing } from './ring.ts';

describe('createRing', () => {
  it('allocates free memory in one piece, and never allocated memory', () => {
    const calls = fc.array(fc.oneof(fc.nat({ max: 40 }), fc.constant('take back' as const)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), calls, (bytes, sequence) => {
        const ring = createRing(bytes);
        const lent: { piece: Uint8Array; mark: number }[] = [];
        for (const [mark, call] of sequence.entries()) {
          if (call === 'take back') {
            lent.shift();
            ring.release();
            continue;
          }
          const piece = ring.allocate(call);
          if (!piece) {
            expect(lent.length).toBeGreaterThan(0);
            continue;
          }
          expect(piece.length).toBe(call);
          piece.fill(mark);
          lent.push({ piece, mark });
          for (const { piece, mark } of lent) expect(piece.every((byte) => byte === mark)).toBe(true);
        }
      }),
    );
  });

  it('refuses only a piece for which there is no room', () => {
    const ring = createRing(100);
    expect(ring.allocate(60)).toBeDefined();
    expect(ring.allocate(30)).toBeDefined();
    expect(ring.allocate(11)).toBeUndefined();
    expect(ring.allocate(10)).toBeDefined();
    ring.release();
    // At the start again, in place of the first piece.
    expect(ring.allocate(61)).toBeUndefined();
    expect(ring.allocate(60)).toBeDefined();
    expect(ring.allocate(0)).toBeUndefined();
  });

  it('allocates a piece that fits exactly: the whole ring, up to its end, from its start, or between two others', () => {
    const ring = createRing(100);
    const whole = ring.allocate(100);
    ring.release();
    const first = ring.allocate(40);
    expect(whole?.buffer).toBe(first?.buffer);
    ring.allocate(20);
    expect(ring.allocate(40)).toHaveLength(40);
    expect(ring.allocate(0)).toBeUndefined();
    ring.release();
    expect(ring.allocate(10)).toHaveLength(10);
    expect(ring.allocate(31)).toBeUndefined();
    expect(ring.allocate(30)).toHaveLength(30);
    expect(ring.allocate(0)).toBeUndefined();
    ring.release();
    expect(ring.allocate(20)).toHaveLength(20);
    // Adjacent pieces, the next one from the start.
    for (let i = 0; i < 4; i++) ring.release();
    expect(ring.allocate(40)).toHaveLength(40);
  });

  it('reuses the same memory', () => {
    const ring = createRing(100);
    const first = ring.allocate(70);
    ring.release();
    expect(ring.allocate(80)?.buffer).toBe(first?.buffer);
  });

  it('can allocate an empty piece', () => {
    const ring = createRing(100);
    for (let i = 0; i < 100; i++) expect(ring.allocate(0)).toHaveLength(0);
    expect(ring.allocate(1)).toBeUndefined();
  });

  it('allocates more than its size if nothing else is allocated, and then nothing else', () => {
    const ring = createRing(100);
    ring.allocate(1);
    expect(ring.allocate(500)).toBeUndefined();
    ring.release();
    expect(ring.allocate(500)).toHaveLength(500);
    expect(ring.allocate(1)).toBeUndefined();
    ring.release();
    expect(ring.allocate(1)).toBeDefined();
  });
});
