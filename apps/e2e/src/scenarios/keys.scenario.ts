import { startSandbox } from '../testing/sandbox.ts';

const KEYS = [
  ...['a b.txt', 'a+b.txt', 'a%2Fb.txt', '%252F', '100%', '%', 'a&b=c#d?e;f', 'x\\y', "it's", '"quoted"'],
  ...['<script>', 'tab\there', 'line\nend', 'emoji/👩‍👩‍👧‍👦.txt', '日本語/ファイル.csv', 'ä.txt', 'a\u0308.txt'],
  ...['README', 'readme', 'folder/', 'folder/x', 'folder//x', '/absolute', '.hidden', './here', 'a/./b'],
  ...['con', 'com1.txt', 'trailing.', 'trailing ', '-rf', '~', '$(id)', '*', 'file', 'file/below'],
  ...['€'.repeat(85), `${'s'.repeat(255)}/${'t'.repeat(255)}`, 'k'.repeat(1024), `${'d/'.repeat(500)}deep`],
];

describe('hostile and unusual keys', () => {
  it('are extracted as separate files, with the bytes that were sent', async () => {
    await using pipeline = await startSandbox();
    const sent = [];
    for (const key of KEYS) sent.push(await pipeline.put(key));
    sent.push(await pipeline.put('empty', ''), await pipeline.put('empty folder/', ''));

    const { delivery, dead } = await pipeline.end();
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    expect(delivery.delivered).toHaveLength(sent.length);
    expect(dead).toEqual([]);
  });
});
