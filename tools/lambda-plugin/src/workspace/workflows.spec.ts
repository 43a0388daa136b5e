import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionTargets } from '../graph/function-targets.ts';
import { workflowProblems } from './workflow-rules.ts';
import { parse } from 'yaml';

const WORKSPACE = join(import.meta.dirname, '../../../..');
const WORKFLOWS = join(WORKSPACE, '.github/workflows');

interface Targets {
  targets: Record<string, unknown>;
}

function read(file: string): string {
  return readFileSync(join(WORKSPACE, file), 'utf8');
}

/** Names after `-t`, and after the colon of `nx run project:target`. */
function targetsIn(workflow: string): string[] {
  return [
    ...workflow.matchAll(/npx nx (?:affected|run-many) -t ((?:[a-z-]+ ?)+)|npx nx run [a-z-]+:([a-z-]+)/g),
  ].flatMap(([, several = '', one = '']) =>
    `${several} ${one}`.split(' ').filter((name) => /^[a-z]/.test(name)),
  );
}

describe.each(readdirSync(WORKFLOWS))('the workflow %s', (file) => {
  const workflow = read(join('.github/workflows', file));

  it('keeps packages and requests away from credentials', () => {
    expect(workflowProblems(workflow)).toEqual([]);
  });

  it('downloads what an earlier job uploaded', () => {
    const names = (action: string) =>
      [...workflow.matchAll(new RegExp(`${action}@[^]*?name: (\\S+)`, 'g'))].map(([, name]) => name);
    expect(names('download-artifact').length).toBeGreaterThan(0);
    for (const name of names('download-artifact')) expect(names('upload-artifact')).toContain(name);
  });

  it('has no long-lived key: AWS identifies it by OIDC', () => {
    expect(workflow).not.toMatch(/secrets\.|access-key|AKIA/i);
    expect(workflow).toContain('id-token: write');
    expect(workflow).toContain('role-to-assume: ${{ vars.');
  });

  it('runs commands that people can run', () => {
    const folders = ['apps/infra', 'apps/e2e', 'tools/lambda-plugin', 'tools/simulator'];
    const projects = folders.map((folder) => JSON.parse(read(`${folder}/project.json`)) as Targets);
    const known = [
      ...projects.flatMap(({ targets }) => Object.keys(targets)),
      ...Object.keys(functionTargets('any')),
      'test',
      'lint',
      'typecheck',
      'coverage',
    ];
    const used = targetsIn(workflow);
    expect(used.length).toBeGreaterThan(0);
    for (const target of used) expect(known).toContain(target);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script] of workflow.matchAll(/run: npm ([a-z:]+)/g)) {
      expect([...Object.keys(scripts), 'ci']).toContain(script);
    }
  });
});

it('every workflow pins an action to the same commit', () => {
  const pins = readdirSync(WORKFLOWS).flatMap((file) =>
    [...read(join('.github/workflows', file)).matchAll(/uses: (\S+)@(\S+)/g)].map(([, name, pin]) => ({
      name,
      pin,
    })),
  );
  for (const { name } of pins) {
    expect(new Set(pins.filter((other) => other.name === name).map((other) => other.pin)).size).toBe(1);
  }
});

it('a bot updates packages and actions', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: Record<string, unknown>[] };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
});
