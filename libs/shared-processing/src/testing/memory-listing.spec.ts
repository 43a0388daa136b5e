import { manualClock, memoryStore } from './index.ts';
import { memoryListing } from './memory-listing.ts';

const page = (size: number) => {
  const store = memoryStore(manualClock().now);
  return { store, listing: memoryListing(store, size) };
};

describe('memoryListing', () => {
  it('lists current objects in byte order of their keys, without deleted ones', async () => {
    const { store, listing } = page(2);
    for (const key of ['b', '\u{10000}', '\uffee', 'a', 'c']) store.upload('x', key, Buffer.from(key));
    store.addDeleteMarker('x', 'b');
    const first = await listing.objects({ bucket: 'x' });
    expect(first.objects.map(({ key }) => key)).toEqual(['a', 'c']);
    const second = await listing.objects({ bucket: 'x', after: first.next });
    expect(second.objects.map(({ key }) => key)).toEqual(['\uffee', '\u{10000}']);
    expect(second.next).toBeUndefined();
  });

  it('lists the folders directly below a prefix, over pages, without those in which everything is deleted', async () => {
    const { store, listing } = page(2);
    for (const key of ['a/x', 'a/y/z', 'a/w/z', 'a/w/y', 'a/v/z', 'b/z/z', 'a/u/z'])
      store.upload('x', key, Buffer.from(key));
    store.addDeleteMarker('x', 'a/u/z');
    const first = await listing.folders({ bucket: 'x', prefix: 'a/' });
    expect(first.folders).toEqual(['a/v/', 'a/w/']);
    const second = await listing.folders({ bucket: 'x', prefix: 'a/', after: first.next });
    expect(second).toEqual({ folders: ['a/y/'], next: undefined });
  });

  it('lists versions newest first, over pages that may contain only delete markers', async () => {
    const { store, listing } = page(1);
    const old = store.upload('x', 'a', Buffer.from('1'));
    store.addDeleteMarker('x', 'a');
    const first = await listing.versions({ bucket: 'x' });
    expect(first.versions).toEqual([]);
    const second = await listing.versions({ bucket: 'x', after: first.next });
    expect(second.versions.map(({ versionId }) => versionId)).toEqual([old.versionId]);
    expect(second.next).toBeUndefined();
  });
});
