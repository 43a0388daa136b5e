import { identityOf, type ObjectVersion } from './object-version.ts';

const id = (bucket: string, key: string, versionId: string): ObjectVersion => ({
  bucket,
  key,
  version: { kind: 'id', versionId },
});
const sequenced = (sequencer: string, etag = 'e'): ObjectVersion => ({
  bucket: 'b',
  key: 'k',
  version: { kind: 'sequencer', sequencer, etag },
});

describe('identityOf', () => {
  it.each([
    ['another bucket', id('b', 'k', 'v'), id('c', 'k', 'v')],
    ['another key', id('b', 'k', 'v'), id('b', 'l', 'v')],
    ['another version', id('b', 'k', 'v'), id('b', 'k', 'w')],
    ['another sequencer', sequenced('0A'), sequenced('0B')],
    ['a sequencer that equals a version id', sequenced('v'), id('b', 'k', 'v')],
    ['parts with equal concatenation', id('b', 'k"', 'v'), id('b', 'k', '"v')],
  ])('differs for %s', (_, one, other) => {
    expect(identityOf(one)).not.toBe(identityOf(other));
  });

  it('is the same for the same version, whatever the ETag', () => {
    expect(identityOf({ ...id('b', 'k', 'v') })).toBe(identityOf(id('b', 'k', 'v')));
    expect(identityOf(sequenced('0A', 'etag'))).toBe(identityOf(sequenced('0A', 'other')));
  });
});
