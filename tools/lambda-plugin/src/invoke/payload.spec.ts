import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/scratch-workspace.ts';
import { readEvent } from './payload.ts';

/** A workspace with one function and its events. */
function workspace() {
  const folder = temporaryFolder();
  const root = join(folder.path, 'apps/demo');
  mkdirSync(join(root, 'events'), { recursive: true });
  writeFileSync(join(root, 'events/sample.json'), '{"n":1}');
  writeFileSync(join(root, 'events/broken.json'), '{');
  writeFileSync(join(folder.path, 'mine.json'), '{"n":2}');
  return {
    read: (event: string) => readEvent(event, root, folder.path),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

describe('the event of an invocation', () => {
  it("is one of the function's events, by its name", () => {
    using events = workspace();
    expect(events.read('sample')).toEqual({ n: 1 });
  });

  it('is any file, by its path from the workspace', () => {
    using events = workspace();
    expect(events.read('mine.json')).toEqual({ n: 2 });
    expect(events.read('apps/demo/events/sample.json')).toEqual({ n: 1 });
  });

  it.each([
    ['other', 'There is no apps/demo/events/other.json; the events are broken, sample.'],
    ['other.json', 'There is no other.json.'],
    ['broken', 'apps/demo/events/broken.json is not JSON: '],
  ])('is refused with one sentence: %s', (event, sentence) => {
    using events = workspace();
    expect(() => events.read(event)).toThrow(sentence);
  });
});
