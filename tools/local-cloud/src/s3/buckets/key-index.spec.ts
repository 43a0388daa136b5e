import fc from 'fast-check';
import { createKeyIndex, compareKeys } from './key-index.ts';

const key = fc.string({ unit: 'binary', maxLength: 12 });
const oddKey = fc.string({ unit: fc.constantFrom('a', '/', '\u00e9', '\ud7ff', '\ue000', '\uffff', '😀') });

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.oneof(key, oddKey), fc.oneof(key, oddKey), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.from(a).compare(Buffer.from(b))));
      }),
    );
  });
});

describe('the index of keys', () => {
  it('lists the same sorted keys as a map after any additions, removals and listings', () => {
    const step = fc.record({
      act: fc.constantFrom('set', 'set', 'delete', 'list'),
      key: fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const index = createKeyIndex<number>();
        const model = new Map<string, number>();
        for (const [number, { act, key }] of steps.entries()) {
          if (act === 'set') {
            index.set(key, number);
            model.set(key, number);
          } else if (act === 'delete') {
            index.delete(key);
            model.delete(key);
          } else index.sorted();
        }
        expect(index.sorted()).toEqual([...model.keys()].sort());
        expect(index.size()).toBe(model.size);
        for (const [key, number] of model) expect(index.get(key)).toBe(number);
      }),
    );
  });
});
