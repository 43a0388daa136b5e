import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, generate, nx, run, talk, uncommitted } from '../testing/nx.ts';
import { type ScratchWorkspace, scratchWorkspace } from '../testing/scratch-workspace.ts';

interface Template {
  Resources: Record<string, object>;
}

interface SampleEvent {
  Records: { body: string }[];
}

describe('in a real workspace', () => {
  let workspace: ScratchWorkspace;

  beforeAll(() => {
    workspace = scratchWorkspace();
    nx(workspace, 'sync');
    commitAll(workspace);
  });
  afterAll(() => workspace[Symbol.dispose]());
  afterEach(() => {
    for (const args of [
      ['checkout', '-q', '.'],
      ['clean', '-fdq', 'apps', 'libs'],
    ])
      run(workspace, 'git', ...args);
  });

  const thumbnailer = [
    'lambda',
    'thumbnailer',
    '--trigger=s3-sqs',
    '--reads=landing',
    '--writes=distribution',
  ];

  it('a generator with --dry-run writes nothing', () => {
    expect(generate(workspace, ...thumbnailer, '--dry-run').output).toContain(
      'CREATE apps/thumbnailer/function.json',
    );
    expect(generate(workspace, 'library', 'image-tools', '--dry-run').output).toContain(
      'CREATE libs/image-tools',
    );
    expect(uncommitted(workspace)).toEqual([]);
    expect(existsSync(join(workspace.path, 'node_modules/@data-aggregator/image-tools'))).toBe(false);
  });

  it('invalid options are refused with one sentence and write nothing', () => {
    const { status, output } = generate(
      workspace,
      'lambda',
      'thumbnailer',
      '--trigger=s3-sqs',
      '--writes=landing',
    );
    expect(status).not.toBe(0);
    expect(output).toContain('A function that landing invokes must not write to landing');
    expect(generate(workspace, 'lambda', 'thumbnailer', '--trigger=fax').status).not.toBe(0);
    expect(uncommitted(workspace)).toEqual([]);
  });

  it('a generator asks for missing options on a terminal', async () => {
    const down = '\u001b[B';
    const { status } = await talk(workspace, 'lambda', [
      ['What is the function called?', 'thumbnailer\r'],
      ['What invokes the function?', `${down}${down}\r`],
    ]);
    expect(status).toBe(0);
    const manifest = JSON.parse(workspace.read('apps/thumbnailer/function.json')) as object;
    expect(manifest).toMatchObject({ name: 'thumbnailer', trigger: { type: 'schedule' } });
  });

  it('the commands of the guide test, invoke, synthesise and remove a function', () => {
    expect(generate(workspace, ...thumbnailer)).toMatchObject({ status: 0 });
    const added = uncommitted(workspace);
    expect(added.filter((line) => !line.startsWith('?? apps/thumbnailer/'))).toEqual([' M tsconfig.json']);

    expect(nx(workspace, 'test', 'thumbnailer')).toContain('Successfully ran target test');
    nx(workspace, 'lint', 'thumbnailer');
    nx(workspace, 'typecheck', 'thumbnailer');
    expect(run(workspace, 'oxfmt', '--check', 'apps/thumbnailer', 'tsconfig.json')).toMatchObject({
      status: 0,
    });
    expect(nx(workspace, 'run', 'thumbnailer:invoke', '--event=sample')).toContain('"batchItemFailures": []');
    expect(workspace.read('apps/thumbnailer/README.md')).toContain('npx nx run thumbnailer:invoke');
    const { $schema } = JSON.parse(workspace.read('apps/thumbnailer/function.json')) as { $schema: string };
    expect(existsSync(join(workspace.path, 'apps/thumbnailer', $schema))).toBe(true);
    nx(workspace, 'sync:check');
    // Nothing listens at this endpoint, so the error shows that the command called AWS.
    const aws = run(
      workspace,
      'env',
      'AWS_ENDPOINT_URL=http://127.0.0.1:1',
      'AWS_REGION=x',
      'AWS_ACCESS_KEY_ID=a',
      'AWS_SECRET_ACCESS_KEY=b',
      'nx',
      'run',
      'thumbnailer:invoke:aws',
      '--event=sample',
    );
    expect(aws.output).toContain('-thumbnailer on AWS failed: connect ECONNREFUSED');
    nx(workspace, 'run', 'infra:synth');
    expect(workspace.read('apps/infra/cdk.out/dev/application-thumbnailer.template.json')).toContain(
      'thumbnailer',
    );
    // Neither these commands nor a second run of the generator edit a source.
    expect(uncommitted(workspace)).toEqual(added);
    expect(generate(workspace, ...thumbnailer).output).toContain('nothing was changed');
    expect(uncommitted(workspace)).toEqual(added);

    const refused = generate(workspace, 'remove-lambda', 'thumbnailer');
    expect(refused.output).toContain('thumbnailer has a queue');
    expect(uncommitted(workspace)).toEqual(added);
    expect(generate(workspace, 'remove-lambda', 'thumbnailer', '--force')).toMatchObject({ status: 0 });
    expect(uncommitted(workspace)).toEqual([]);
  });

  it('a function with a queue handles messages one by one, logs and counts, and keeps edits', () => {
    generate(workspace, ...thumbnailer);
    const work = workspace.read('apps/thumbnailer/src/work.ts');
    const failing = work.replace(
      'return { key };',
      "if (key === 'bad.jpg') throw new Error('no image');\n  return { key };",
    );
    expect(failing).not.toBe(work);
    workspace.write('apps/thumbnailer/src/work.ts', failing);
    const sample = JSON.parse(workspace.read('apps/thumbnailer/events/sample.json')) as SampleEvent;
    const Records = sample.Records.flatMap((record) => [
      { ...record, messageId: 'good' },
      { ...record, messageId: 'bad', body: record.body.replace('sample+file.txt', 'bad.jpg') },
      { ...record, messageId: 'again' },
      { ...record, messageId: 'nonsense', body: 'x' },
    ]);
    workspace.write('apps/thumbnailer/events/mixed.json', JSON.stringify({ Records }));
    const output = nx(workspace, 'run', 'thumbnailer:invoke', '--event=mixed');
    expect(JSON.parse(/^\{\n.*?^\}/ms.exec(output)?.[0] ?? '')).toEqual({
      batchItemFailures: [{ itemIdentifier: 'bad' }],
    });
    expect(output).toMatch(/message\.returned.*no image/);
    expect(output).toMatch(/message\.quarantined.*nonsense/);
    expect(output).toMatch(/MessagesDone\W+3\b/);

    const edited = uncommitted(workspace);
    expect(generate(workspace, ...thumbnailer).output).toContain('nothing was changed');
    expect(uncommitted(workspace)).toEqual(edited);
    expect(workspace.read('apps/thumbnailer/src/work.ts')).toBe(failing);
  });

  it('a function is not removed while a project depends on it', () => {
    generate(workspace, 'lambda', 'thumbnailer', '--trigger=request');
    const e2e = JSON.parse(workspace.read('apps/e2e/project.json')) as object;
    workspace.write(
      'apps/e2e/project.json',
      JSON.stringify({ ...e2e, implicitDependencies: ['thumbnailer'] }),
    );
    expect(generate(workspace, 'remove-lambda', 'thumbnailer').output).toContain('used by e2e');
    expect(existsSync(join(workspace.path, 'apps/thumbnailer/function.json'))).toBe(true);
  });

  it('a function is not removed while an environment has settings for it', () => {
    generate(workspace, 'lambda', 'thumbnailer', '--trigger=request');
    const dev = 'apps/infra/src/environments/dev.ts';
    workspace.write(
      dev,
      workspace.read(dev).replace('functions: {', 'functions: { thumbnailer: { memoryMb: 1024 },'),
    );
    const before = uncommitted(workspace);
    expect(generate(workspace, 'remove-lambda', 'thumbnailer').output).toContain(
      `thumbnailer cannot be removed: remove its settings from ${dev} first.`,
    );
    expect(uncommitted(workspace)).toEqual(before);
  });

  it('a change to a function affects infra but no other function', () => {
    generate(workspace, 'lambda', 'thumbnailer', '--trigger=request');
    const affected = nx(workspace, 'show', 'projects', '--affected', '--files=apps/thumbnailer/src/work.ts');
    expect(affected.split('\n')).toEqual(expect.arrayContaining(['thumbnailer', 'infra']));
    expect(affected.split('\n')).not.toContain('aggregator');
    const ofLibrary = nx(
      workspace,
      'show',
      'projects',
      '--affected',
      '--files=libs/shared-processing/src/ledger/ledger.ts',
    );
    expect(ofLibrary.split('\n')).toEqual(expect.arrayContaining(['thumbnailer', 'aggregator', 'infra']));
  });

  it('a new function with any trigger passes its tests and checks, and builds', () => {
    const triggers = ['s3-sqs', 'sqs', 'schedule', 'event-bridge', 'function-url', 'request'];
    for (const trigger of triggers) {
      const options = ['--memory=256', '--timeout=30', '--reads=archive', '--tags=team=media'];
      expect(
        generate(workspace, 'lambda', `probe-${trigger}`, `--trigger=${trigger}`, ...options),
      ).toMatchObject({ status: 0 });
    }
    const projects = triggers.map((trigger) => `probe-${trigger}`);
    expect(run(workspace, 'oxfmt', '--check', ...projects.map((name) => `apps/${name}`))).toMatchObject({
      status: 0,
    });
    nx(workspace, 'sync:check');
    nx(workspace, 'run-many', '-t', 'test,lint,typecheck,build', '-p', projects.join(','));
    nx(workspace, 'run', 'infra:synth');
    for (const project of projects) {
      expect(JSON.parse(workspace.read(`apps/${project}/function.json`))).toMatchObject({
        tags: { team: 'media' },
      });
      const template = workspace.read(`apps/infra/cdk.out/dev/application-${project}.template.json`);
      const { Resources } = JSON.parse(template) as Template;
      expect(Object.values(Resources)).toContainEqual(
        expect.objectContaining({
          Type: 'AWS::Lambda::Function',
          Properties: expect.objectContaining({
            MemorySize: 256,
            Timeout: 30,
            Tags: expect.arrayContaining([{ Key: 'team', Value: 'media' }]),
          }),
        }),
      );
      expect(template).toContain('s3:GetObjectVersion');
    }
  });

  it('a new library can be imported immediately, and npm would write the same lock file', () => {
    expect(generate(workspace, 'library', 'image-tools')).toMatchObject({ status: 0 });
    nx(workspace, 'sync:check');
    generate(workspace, 'lambda', 'thumbnailer', '--trigger=request');
    const work = workspace.read('apps/thumbnailer/src/work.ts');
    const importing = `import { libraryName } from '@data-aggregator/image-tools';\n\n${work}`;
    workspace.write(
      'apps/thumbnailer/src/work.ts',
      importing.replace('return { requestId }', 'return { requestId: libraryName || requestId }'),
    );
    nx(workspace, 'sync');
    nx(workspace, 'run-many', '-t', 'test,lint,typecheck', '-p', 'image-tools');
    nx(workspace, 'run-many', '-t', 'lint,typecheck,build', '-p', 'thumbnailer');
    expect(workspace.read('apps/thumbnailer/dist/function/index.mjs')).toContain('image-tools');

    const lock = workspace.read('package-lock.json');
    const npm = run(workspace, 'npm', 'install', '--package-lock-only', '--offline', '--ignore-scripts');
    expect(npm).toMatchObject({ status: 0 });
    expect(workspace.read('package-lock.json')).toBe(lock);
  });

  it('a library may not import a function', () => {
    generate(workspace, 'library', 'image-tools');
    workspace.write('libs/image-tools/src/bad.ts', "import '../../../apps/aggregator/src/handler.ts';\n");
    const { status, output } = run(workspace, 'nx', 'lint', 'image-tools');
    expect(status).not.toBe(0);
    expect(output).toContain('@nx/enforce-module-boundaries');
  });
});
