import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { handleEvent, handleMessages } from './handle.ts';
import { harness } from './testing/harness.ts';

type Told = [name: string, of: Record<string, unknown>];
interface Node {
  name: string;
  attributes: Record<string, unknown>;
  events: Told[];
  children: Node[];
}

/** A span that keeps its events and attributes. */
function kept(name: string, attributes: object = {}): { node: Node; span: Span } {
  const node: Node = { name, attributes: { ...attributes }, events: [], children: [] };
  const span: Span = {
    isRecording: true,
    set: (more) => void Object.assign(node.attributes, more),
    event: (event, of) => void node.events.push([event, of]),
    child: (childName, of, work) => {
      const child = kept(childName, of);
      node.children.push(child.node);
      return work(child.span);
    },
  };
  return { node, span };
}

describe('the trace of a batch', () => {
  it('links the notification of each file to its bundle through every step', async () => {
    const { land, notify, dependencies, clock, bundles } = harness();
    const { node, span } = kept('batch');
    const file = land('in/a b.txt', 'content');
    const batch = [notify(file), notify(file, land('big', Buffer.alloc(250_000)))];
    await handleMessages(batch, clock.now() + 60_000, dependencies(), span);

    const named = { 'aws.s3.key': 'in/a b.txt', 'aws.s3.version_id': file.s3.object.versionId };
    expect(node.events.filter(([, of]) => of['aws.s3.key'] === 'in/a b.txt')).toEqual([
      ['file.notified', expect.objectContaining({ ...named, 'messaging.message.id': 'message-1' })],
      ['file.notified', expect.objectContaining({ ...named, 'messaging.message.id': 'message-2' })],
    ]);
    expect(node.children.map(({ name }) => name)).toEqual(['bundle', 'bundle']);
    for (const { children, attributes } of node.children) {
      expect(children.map(({ name }) => name)).toEqual([
        'claim',
        'build',
        'write-manifest',
        'publish',
        'record',
      ]);
      expect(bundles()).toContain(attributes['aggregator.bundle.key']);
      expect(attributes).toMatchObject({ 'aggregator.bundle.members': 1 });
    }
    const [id] = node.events.map(([, of]) => of['file.id']);
    expect(
      node.children.map(({ events }) => events.map(([name, of]) => [name, of['file.id'] === id])),
    ).toEqual([[['file.bundled', true]], [['file.bundled', false]]]);
  });

  it('first records files that someone will look for: refused, duplicates, retried', async () => {
    const { land, notify, dependencies, clock, memory } = harness();
    const [delivered, fine, gone] = [land('delivered', '1'), land('fine', '2'), land('gone', '3')];
    await handleMessages([notify(delivered)], clock.now() + 60_000, dependencies());
    memory.remove('landing', 'gone', gone.s3.object.versionId);
    const { node, span } = kept('batch');
    const foreign = structuredClone(fine);
    foreign.s3.bucket.name = 'elsewhere';
    await handleMessages(
      [notify(fine, foreign, delivered, gone)],
      clock.now() + 60_000,
      dependencies(),
      span,
    );
    expect(node.events.map(([name]) => name)).toEqual([
      'file.refused',
      'file.notified',
      'file.notified',
      'file.notified',
    ]);
    expect(node.events[0]).toEqual([
      'file.refused',
      expect.objectContaining({ 'aws.s3.bucket': 'elsewhere', reason: 'unknown-bucket' }),
    ]);
    const [bundle] = node.children;
    expect(bundle?.events).toEqual([
      ['file.duplicate', expect.objectContaining({ 'aws.s3.key': 'delivered', bundle: expect.any(String) })],
      ['file.refused', expect.objectContaining({ 'aws.s3.key': 'gone', reason: 'gone' })],
      ['file.bundled', expect.objectContaining({ 'aws.s3.key': 'fine', 'file.size': 1 })],
    ]);
  });

  it('tells the name of a file in the bundle if it is not the key', async () => {
    const { land, notify, dependencies, clock, bundles, manifest } = harness();
    const { node, span } = kept('batch');
    await handleMessages(
      [notify(land('a.txt', '1'), land('CON', '2'))],
      clock.now() + 60_000,
      dependencies(),
      span,
    );
    const safe = manifest(bundles()[0] ?? '').members.find(({ key }) => key === 'CON')?.name;
    const names = node.children.flatMap(({ events }) =>
      events.map(([, of]) => [of['aws.s3.key'], of['file.name']]),
    );
    expect(new Map(names as [string, unknown][])).toEqual(
      new Map([
        ['a.txt', undefined],
        ['CON', safe],
      ]),
    );
    expect(safe).not.toBe('CON');
  });

  it('records the files of a direct invocation', async () => {
    const { land, dependencies, clock } = harness();
    const { node, span } = kept('invocation');
    await handleEvent({ Records: [land('a', '1')] }, clock.now() + 60_000, dependencies(), span);
    expect(node.events).toEqual([['file.notified', expect.objectContaining({ 'aws.s3.key': 'a' })]]);
    expect(node.children.map(({ name }) => name)).toEqual(['bundle']);
  });

  it('records files that it had no time to start', async () => {
    const { land, notify, dependencies, clock } = harness();
    const { node, span } = kept('batch');
    await handleMessages([notify(land('a', '1'), land('b', '2'))], clock.now(), dependencies(), span);
    expect(node.events.at(-1)).toEqual(['bundle.unstarted', { 'aggregator.bundle.members': 2 }]);
    expect(node.children).toEqual([]);
  });

  it('records no files if the invocation is not sampled', async () => {
    const { land, notify, dependencies, clock } = harness();
    const event = jest.fn();
    const unseen: Span = { ...noSpan, event, child: (_name, _attributes, work) => work(unseen) };
    await handleMessages([notify(land('a', '1'))], clock.now() + 60_000, dependencies(), unseen);
    expect(event).not.toHaveBeenCalled();
  });
});
