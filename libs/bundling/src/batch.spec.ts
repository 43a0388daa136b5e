import { handleMessages } from './handle.ts';
import { harness } from './testing/harness.ts';

type Harness = ReturnType<typeof harness>;

/** Handles one message for each object, in an invocation of so many milliseconds. */
function handle(h: Harness, ms: number, objects: Record<string, number>, dependencies = h.dependencies()) {
  const batch = Object.entries(objects).map(([key, size]) => h.notify(h.land(key, Buffer.alloc(size, 'x'))));
  return handleMessages(batch, h.clock.now() + ms, dependencies);
}

describe('the time of an invocation', () => {
  it.each([
    ['streamed', 400_000, /\.tar\.gz$/],
    ['copied', 500_000, /\.tar$/],
  ])(
    'decides whether a large object is %s, and the first one is started in any case',
    async (_, size, key) => {
      const h = harness();
      await handle(h, 100, { large: size });
      expect(h.bundles()).toEqual([expect.stringMatching(key)]);
      expect(await h.delivered()).toHaveLength(1);
    },
  );

  it('suffices for many copies, and a slow one says nothing about the next bundles', async () => {
    let isFirst = true;
    const h: Harness = harness({
      copyAboveBytes: 500_000,
      multipart: (multipart) => ({
        ...multipart,
        create: async (upload) => {
          if (isFirst) h.clock.advance(5_000);
          isFirst = false;
          return multipart.create(upload);
        },
      }),
    });
    // Two of the seven seconds to build are left then.
    await handle(h, 10_000, { first: 1_200_000, second: 1_200_000, small: 1 });
    expect(h.bundles()).toHaveLength(3);
  });

  it('tells the speed of a stream only if a large object was streamed', async () => {
    const h: Harness = harness({
      copyAboveBytes: 500_000,
      readMs: 3_000,
    });
    const dependencies = h.dependencies();
    const learned: [bytes: number, ms: number][] = [];
    dependencies.routes = { ...dependencies.routes, learn: (...measured) => void learned.push(measured) };
    await handle(h, 60_000, { small: 1, streamed: 300_000, copied: 600_000 }, dependencies);
    expect(h.bundles()).toHaveLength(3);
    expect(learned).toEqual([[300_000, 3_000]]);
  });
});
