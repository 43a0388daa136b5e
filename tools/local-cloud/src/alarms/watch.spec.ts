import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmReport } from './alarms.ts';
import { watchAlarms } from './watch.ts';

it('reports state changes but not initial states', async () => {
  const seen: AlarmReport['state'][] = ['OK', 'OK', 'ALARM', 'ALARM', 'OK'];
  const said: string[] = [];
  const report = async () => [
    { name: 'a', state: seen.shift() ?? 'OK', reason: 'because', since: 0 } as const,
  ];
  {
    using _watching = watchAlarms(report, (line) => said.push(line), 5);
    while (seen.length > 0) await sleep(5);
    await sleep(5);
  }
  expect(said).toEqual(['alarm.changed a OK → ALARM: because', 'alarm.changed a ALARM → OK: because']);
});
