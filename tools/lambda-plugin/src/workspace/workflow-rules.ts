import { parse } from 'yaml';
import * as v from 'valibot';

const step = v.looseObject({
  uses: v.optional(v.string()),
  run: v.optional(v.string()),
  with: v.optional(v.record(v.string(), v.unknown()), {}),
});

const permissions = v.record(v.string(), v.picklist(['read', 'write', 'none']));

const workflowSchema = v.looseObject({
  permissions: v.optional(permissions),
  jobs: v.record(
    v.string(),
    v.looseObject({ permissions: v.optional(permissions), steps: v.optional(v.array(step), []) }),
  ),
});

type Step = v.InferOutput<typeof step>;

/** The only write permissions of a job. A job has at most one of them, to separate AWS credentials from comments. */
const WRITABLE = ['id-token', 'pull-requests'];

/**
 * The only commands in a job that can get AWS credentials: the CDK CLI on an assembly that another job built, and its
 * installation from the lock file without install scripts.
 */
const WITH_CREDENTIALS = [
  /^npm ci --ignore-scripts$/,
  /^node node_modules\/aws-cdk\/bin\/cdk (deploy|diff) (--all )?--app=assembly( --[a-z-]+(=\w+)?)*( > diff\.txt 2>&1)?$/,
];

const CREDENTIALS = 'aws-actions/configure-aws-credentials';

/**
 * Returns how a workflow violates the rules that keep packages and pull requests away from credentials.
 * The rules follow GitHub's "Security hardening for GitHub Actions" and "Configuring OpenID Connect in Amazon Web
 * Services".
 *
 * @param text the workflow file
 * @throws ValiError if it is not a workflow
 */
export function workflowProblems(text: string): string[] {
  const { permissions: all, jobs } = v.parse(workflowSchema, parse(text));
  const found: string[] = [];
  if (all === undefined || Object.keys(all).length > 0)
    found.push('the permissions of the workflow must be {}');
  for (const line of text.split('\n').filter((candidate) => /^\s*(- )?uses:/.test(candidate))) {
    if (!/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)) {
      found.push(`${line.trim()}: pin the action by commit, with its version as a comment`);
    }
  }
  for (const [name, job] of Object.entries(jobs)) {
    const say = (problem: string) => found.push(`${name}: ${problem}`);
    if (job.permissions === undefined) say('a job must declare its permissions');
    const written = Object.entries(job.permissions ?? {}).flatMap(([scope, level]) =>
      level === 'write' ? scope : [],
    );
    if (written.length > 1 || written.some((scope) => !WRITABLE.includes(scope))) {
      say(`it must not have write permission for ${written.join(', ')}`);
    }
    const hasCredentials = written.includes('id-token');
    for (const problem of job.steps.flatMap((one) => stepProblems(one, hasCredentials))) say(problem);
    if (hasCredentials && !credentialsComeLast(job.steps)) {
      say('packages must be installed before it gets credentials');
    }
  }
  return found;
}

function stepProblems({ uses = '', run, with: options }: Step, hasCredentials: boolean): string[] {
  const found: string[] = [];
  if (run?.includes('${{')) found.push(`"${run}" inserts a value into a script: pass it in env`);
  if (uses.startsWith('actions/checkout@') && options['persist-credentials'] !== false) {
    found.push('a checkout must not keep its token: persist-credentials: false');
  }
  if (hasCredentials) {
    for (const line of run?.split('\n').filter((text) => text !== '') ?? []) {
      if (!WITH_CREDENTIALS.some((allowed) => allowed.test(line))) {
        found.push(`"${line}" must not run in a job with AWS credentials`);
      }
    }
    if (options['cache'] !== undefined)
      found.push('a job with AWS credentials must not read a cache that other jobs write');
  } else if (uses.startsWith(`${CREDENTIALS}@`)) {
    found.push('it requests AWS credentials without id-token: write');
  }
  return found;
}

function credentialsComeLast(steps: readonly Step[]): boolean {
  const credentials = steps.findIndex(({ uses }) => uses?.startsWith(`${CREDENTIALS}@`));
  return steps.slice(credentials + 1).every(({ run }) => run?.startsWith('npm ') !== true);
}
