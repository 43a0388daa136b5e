import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { environment as dev } from '../environments/dev.ts';
import { environment as prod } from '../environments/prod.ts';
import { buildApp } from '../app/build-app.ts';
import { fixtureFunction, fixtureWorkspace } from '../testing/fixture.ts';
import { cdk } from './cdk.ts';
import { bootstrap, deploy, type Deployment, destroy, diff } from './commands.ts';
import { select } from './select-stacks.ts';
import { explain } from './explain.ts';

const stacks = ['observability', 'application-monitor', 'application-aggregator', 'stateful'];

describe('selected stacks', () => {
  it('are all stacks by default, in the order of deployment', () => {
    expect(select(stacks, {})).toEqual([
      'stateful',
      'application-monitor',
      'application-aggregator',
      'observability',
    ]);
  });

  it('are the stacks of a component', () => {
    expect(select(stacks, { component: 'application' })).toEqual([
      'application-monitor',
      'application-aggregator',
    ]);
  });

  it('are the stack of a function', () => {
    expect(select(stacks, { function: 'monitor' })).toEqual(['application-monitor']);
  });

  it.each([
    [{ component: 'aplication' }, 'There is no component "aplication". Components: network, stateful,'],
    [{ component: 'network' }, 'This environment has no network component.'],
    [{ function: 'agregator' }, 'There is no function "agregator". Functions: monitor, aggregator.'],
  ])('reject %j with the valid names', (selection, sentence) => {
    expect(() => select(stacks, selection)).toThrow(sentence);
  });
});

describe('a command', () => {
  function recorded(environment = dev): Deployment & { runs: string[] } {
    const runs: string[] = [];
    return {
      environment,
      stacks,
      runs,
      cdk: async (...args) => void runs.push(args.join(' ')),
      say: () => undefined,
    };
  }

  it('shows the changes before it deploys them', async () => {
    const deployment = recorded();
    await deploy(deployment, { component: 'stateful' });
    expect(deployment.runs).toEqual([
      'diff stateful --exclusively --method template',
      'deploy stateful --exclusively --require-approval never',
    ]);
  });

  it('does not deploy if the diff fails', async () => {
    const deployment = recorded();
    const runs: string[] = [];
    const failing = {
      ...deployment,
      cdk: async (...args: string[]) => {
        runs.push(String(args[0]));
        throw new Error('no');
      },
    };
    await expect(deploy(failing, {})).rejects.toThrow('no');
    expect(runs).toEqual(['diff']);
  });

  it('removes the last component first', async () => {
    const deployment = recorded();
    await destroy(deployment, {});
    expect(deployment.runs.map((run) => run.split(' ')[1])).toEqual([
      'observability',
      'application-aggregator',
      'application-monitor',
      'stateful',
    ]);
  });

  it.each([deploy, destroy, bootstrap])(
    'does not change a protected environment without --confirm: %p',
    async (command) => {
      const deployment = recorded(prod);
      await expect(command(deployment, {})).rejects.toThrow(/^prod is protected: .*--confirm\.$/);
      expect(deployment.runs).toEqual([]);
      await command(deployment, { confirm: true });
      expect(deployment.runs).not.toEqual([]);
    },
  );

  it('shows the changes to a protected environment without --confirm', async () => {
    const deployment = recorded(prod);
    await diff(deployment, { function: 'monitor' });
    expect(deployment.runs).toEqual(['diff application-monitor --exclusively']);
  });
});

describe('the CDK CLI', () => {
  const workspace = fixtureWorkspace([fixtureFunction()]);
  const assembly = join(workspace, 'out');
  const before = { ...process.env };
  let server: Server;

  beforeAll(async () => {
    buildApp(dev, workspace, { outdir: assembly }).synth();
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    process.env = Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith('AWS_')));
    // This machine's own credentials must not be used.
    process.env.AWS_EC2_METADATA_DISABLED = 'true';
    process.env.AWS_CONFIG_FILE = join(workspace, 'config');
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(workspace, 'credentials');
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        const answer = responses.find(({ to }) => to(request.headers['x-amz-target']));
        response.statusCode = answer?.status ?? 400;
        response.end(answer?.body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.close();
    process.env = before;
    jest.restoreAllMocks();
  });

  /** Responses of an account that exists but was never bootstrapped. */
  const responses = [
    {
      to: (target: unknown) => target === 'AmazonSSM.GetParameter',
      status: 400,
      body: JSON.stringify({ __type: 'ParameterNotFound', message: 'There is no such parameter.' }),
    },
    {
      to: () => true,
      status: 200,
      body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
        <Arn>arn:aws:iam::123456789012:user/u</Arn><UserId>u</UserId><Account>123456789012</Account>
        </GetCallerIdentityResult></GetCallerIdentityResponse>`,
    },
  ];

  it('explains missing credentials in one sentence', async () => {
    await expect(cdk('dev', assembly)('diff', 'stateful')).rejects.toThrow(
      /^There are no valid AWS credentials: set AWS_PROFILE/,
    );
  }, 30_000);

  it('explains how to bootstrap an account that is not bootstrapped', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'key';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    process.env.AWS_REGION = 'eu-west-2';
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const run = cdk('dev', assembly)('deploy', 'stateful', '--exclusively', '--require-approval', 'never');
    await expect(run).rejects.toThrow(
      'This account and region are not bootstrapped for CDK: run "npx nx run infra:bootstrap --configuration=dev" once.',
    );
  }, 30_000);

  it('adds no explanation to an error that is clear already', () => {
    expect(explain('stateful failed: CREATE_FAILED Landing: bucket exists', 'dev')).toBeUndefined();
  });
});
