/** How a documented command is checked: by running it, or by looking up the names in it. */
export type Way =
  | { how: 'run' }
  /** Check that script, target, configuration, generator and options exist. `why`: the reason not to run it. */
  | { how: 'exists'; why: string }
  /** A syntax example, not a command. */
  | { how: 'form' };

const exists = (why: string): Way => ({ how: 'exists', why });
const run: Way = { how: 'run' };
const minutes = exists('takes minutes');
const stays = exists('runs until Ctrl-C; cloud/lifecycle.spec.ts boots and stops it');
const aws = exists('changes or reads an AWS account');
const writes = exists('changes the workspace; lambda-plugin:test-workspace runs it in copies');
const operator = exists('needs a cloud with files in it; ops.spec.ts and the runbook rehearsal run it');

/** Each documented command must match exactly one. */
export const WAYS: readonly (readonly [command: RegExp, way: Way])[] = [
  [/^npm start -- --help$/, run],
  [/^npx nx build aggregator$/, run],
  [/^npx nx run simulator:random -- --seed 500000 --schedules 1$/, run],
  [/^npx nx run aggregator:invoke --event=sample$/, run],
  [/^npx nx run infra:synth( +--configuration=prod)?$/, run],
  [/^npx nx run infra:cost --configuration=prod -- --files-per-day .*$/, run],

  [/^npm start( -- (some\/folder|\[folder\].*|<folder>.*|--out))?$/, minutes],
  [/^npm test( -- --affected)?$/, minutes],
  [/^npx nx affected -t deploy .*$/, aws],
  [/^npx nx (affected -t (?!deploy\b)|test ).*$/, minutes],
  [/^npx nx run simulator:random( -- --(schedules 10000|break|steer)\b.*)?$/, minutes],
  [/^npx nx run simulator:(load|explore|mutants)( .*)?$/, minutes],
  [
    /^npx nx run e2e:(affected|backfill|chaos|heal|large|load-agreement|privileges|smoke|run|run-all)( .*)?$/,
    minutes,
  ],
  [/^npx nx run consumer:(package|chaos|throughput|backlog)( .*)?$/, minutes],
  [/^npx nx run console:(browser|images)$/, minutes],
  [/^npx nx (e2e|smoke) e2e$/, minutes],
  [/^npx nx run lambda-plugin:test-workspace$/, minutes],
  [/^npx nx run bench:(run|compare|alternatives)( .*)?$/, minutes],

  [/^npm run cloud( .*)?$/, stays],
  [/^npx nx run thumbnailer:dev$/, stays],
  [/^npx nx run console:serve( .*)?$/, exists('runs until Ctrl-C; the browser tests of apps/console run it')],
  [/^npx nx run console:policy( .*)?$/, exists('command.spec.ts runs it')],

  [/^npx nx run infra:(diff|deploy|destroy|bootstrap)( .*)?$/, aws],
  [
    /^npx nx run infra:(cost|capacity)( --configuration=prod -- (?!--files-per-day).*)?$/,
    exists('takes the same way as the first estimate; cost and capacity specs calculate it'),
  ],
  [/^npx nx run infra:cost --configuration=\$E$/, exists('$E is a variable of the runbook')],
  [/^npx nx run (aggregator|thumbnailer):invoke:aws .*$/, aws],
  [/^npx nx run thumbnailer:deploy .*$/, aws],
  [/^npx node apps\/infra\/src\/cli\.ts .*$/, aws],

  [/^npx nx g @data-aggregator\/lambda-plugin:\S+ .*$/, writes],
  [/^npx nx (build|run) (thumbnailer|<function>)(:(invoke|trace|package)( .*)?)?$/, writes],
  [/^npm (ci|install .*)$/, exists('replaces node_modules; set-up.spec.mjs runs npm ci in copies')],
  [/^npm run format$/, exists('rewrites files that are being edited')],
  [/^npx node apps\/infra\/src\/main\.ts .*$/, exists('has placeholders')],
  [
    /^npx nx run aggregator:(trace|package)( .*)?$/,
    exists('writes what other scenarios read, or needs a trace'),
  ],

  [/^npx nx run ops:(?!probe\b)\w+( .*)?$/, operator],
  [/^npx node tools\/ops\/src\/main\.ts (?!probe\b).*$/, operator],
  [/^npx (nx run ops:|node tools\/ops\/src\/main\.ts )probe\b.*$/, exists('probe.spec.ts runs it')],

  [/^(npx|\.\/node_modules\/\.bin\/)\s*nx …$/, { how: 'form' }],
];
