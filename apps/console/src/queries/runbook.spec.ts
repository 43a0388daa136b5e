import { join } from 'node:path';
import { readRunbook, sectionsOf } from './runbook.ts';

it('divides a page into sections with blocks, without links and emphasis', () => {
  const page = [
    '# Title',
    'Before.',
    '## Function errors',
    '',
    'A **batch** failed: see',
    '[its log](x.md#y) and `code`.',
    '',
    '1. First',
    '   goes on:',
    '',
    '   ```sh',
    '   aws logs tail',
    '     --since 1h',
    '   ```',
    '',
    '- One',
    '- Two',
    '',
    '| a | b |',
    '| - | - |',
    String.raw`| 1 \| x | 2 |`,
    '### Killed',
    'At its timeout.',
    '## Second one',
    'Text.',
  ].join('\n');
  expect(sectionsOf(page)).toEqual([
    {
      id: 'function-errors',
      title: 'Function errors',
      blocks: [
        { kind: 'text', text: 'A batch failed: see its log and `code`.' },
        { kind: 'list', items: ['First goes on:'] },
        { kind: 'code', language: 'sh', text: 'aws logs tail\n  --since 1h' },
        { kind: 'list', items: ['One', 'Two'] },
        { kind: 'table', head: ['a', 'b'], rows: [[String.raw`1 \| x`, '2']] },
        { kind: 'heading', text: 'Killed' },
        { kind: 'text', text: 'At its timeout.' },
      ],
    },
    { id: 'second-one', title: 'Second one', blocks: [{ kind: 'text', text: 'Text.' }] },
  ]);
});

it('has the sections that alarms name', () => {
  const runbook = readRunbook(join(__dirname, '../../../../docs/runbook.md'));
  for (const id of ['outage', 'dead-letters', 'function-errors', 'backlog', 'spending']) {
    expect(runbook(id)?.blocks.length).toBeGreaterThan(0);
  }
  expect(runbook('nothing')).toBeUndefined();
  expect(readRunbook('/nowhere')('outage')).toBeUndefined();
});
