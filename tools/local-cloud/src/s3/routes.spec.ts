import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from './routes.ts';

it('docs/local-cloud.md lists exactly the supported operations', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/local-cloud.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## S3\n'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  const documented = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(documented.toSorted()).toEqual(OPERATIONS.map(({ name }) => name).toSorted());
});
