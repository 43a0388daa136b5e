import fc from 'fast-check';
import { paxBody, paxRecord } from './pax.ts';

describe('paxRecord', () => {
  it.each([
    ['path', 'a', '9 path=a\n'],
    ['path', '', '8 path=\n'],
    // " path=" and the line end are 7 bytes: the digits carry the length from 9 to 11, from 99 to 101.
    ['path', 'x'.repeat(89), `98 path=${'x'.repeat(89)}\n`],
    ['path', 'x'.repeat(90), `99 path=${'x'.repeat(90)}\n`],
    ['path', 'x'.repeat(91), `101 path=${'x'.repeat(91)}\n`],
    ['path', 'é', '11 path=é\n'],
    ['size', '8589934592', '19 size=8589934592\n'],
  ])('%s=%s', (key, value, record) => {
    expect(paxRecord(key, value)).toBe(record);
  });

  it('states its own length in bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (value) => {
        const record = paxRecord('path', value);
        expect(parseInt(record, 10)).toBe(Buffer.byteLength(record));
      }),
    );
  });
});

it('puts records one behind the other', () => {
  const records = new Map([
    ['path', 'a'],
    ['mtime', '-1'],
  ]);
  expect(paxBody(records).toString()).toBe('9 path=a\n12 mtime=-1\n');
});
