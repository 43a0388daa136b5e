import nx from '@nx/eslint-plugin';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Ways to turn text into markup. Their names do not occur in the console's page otherwise. */
const MARKUP_FROM_TEXT =
  /^(dangerouslySetInnerHTML|(inner|outer)HTML|insertAdjacentHTML|set(HTMLUnsafe|HTML)|srcdoc|write(ln)?|createContextualFragment|parseFromString)$/;

const USE_TERMINAL = 'Write through @data-aggregator/terminal, which escapes terminal control characters.';

/**
 * The layers inside projects, lowest first. A folder or file imports only from lower layers, and not from its neighbours
 * in the same layer, except that names joined by `+` may import each other. Specs and testing folders may import anything.
 * `scripts/lint-rules.spec.mjs` checks that every folder is listed.
 */
export const LAYERS = {
  'libs/shared-processing/src': [
    ['errors', 'config', 'observability', 's3-event', 'keys', 'checksum'],
    ['retry', 'aws-http', 'manifest', 'receipt', 'groups'],
    ['s3', 'sqs', 'tracing', 'bundle-key'],
    ['reader', 'ledger', 'archive', 'backlog'],
    ['idempotency', 'requeue'],
  ],
  'libs/bundling/src': [
    ['bundle', 'outcome.ts', 'ring.ts', 'time-budget.ts'],
    ['failures.ts', 'retry-delay.ts', 'route.ts'],
    ['claim-members.ts', 'message-records.ts', 'plan.ts', 'publish.ts', 'read-ahead.ts'],
    ['batch-response.ts', 'build.ts', 'encoding.ts', 'part-upload.ts'],
    ['copy-bundle.ts', 'write-manifest.ts'],
    ['build-bundle.ts'],
    ['deliver.ts'],
    ['trace.ts'],
    ['batch.ts'],
    ['report.ts'],
    ['handle.ts'],
    ['function'],
  ],
  'libs/operations/src': [
    ['errors', 'instance-registry', 'log-line'],
    ['quarantine'],
    ['connection'],
    ['find', 'verify'],
  ],
  'tools/local-cloud/src': [
    ['iam'],
    ['s3'],
    ['assembly+alarms+events+services+apis+lambda+mapping'],
    ['gateway+traces'],
    ['cloud'],
    ['cli+cli.ts'],
  ],
};

/** Which kinds of projects may depend on which. */
const DEPENDENCIES = [
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:function', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:program', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:infra', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
];

/** Files that lower layers may import too, relative to the folder in the table. */
const SHARED_WITH_LOWER_LAYERS = {
  'tools/local-cloud/src/assembly': ['./model.ts'],
  'tools/local-cloud/src/gateway': ['./answer.ts'],
};

/** The table as zones of `no-restricted-paths`: one for each pair of a folder and what it must not import. */
function layerZones() {
  return Object.entries(LAYERS).flatMap(([root, layers]) =>
    layers.flatMap((layer, level) =>
      layer.flatMap((group) => {
        const others = [...layer.filter((other) => other !== group), ...layers.slice(level + 1).flat()];
        return others
          .flatMap((names) => names.split('+'))
          .map((name) => ({
            target: group.split('+').map((member) => `${root}/${member}`),
            from: `${root}/${name}`,
            except: SHARED_WITH_LOWER_LAYERS[`${root}/${name}`] ?? [],
            message: 'It is not in a lower layer: see LAYERS in eslint.config.mjs.',
          }));
      }),
    ),
  );
}

/* The rules that need types, and import cycles, are in .oxlintrc.json. */
export default tseslint.config(
  { ignores: ['**/dist', '**/cdk.out', '**/out', '**/coverage', '**/node_modules', '.nx', '**/templates'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strict],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints: DEPENDENCIES }],
    },
  },
  {
    // The simulator runs the code of the apps, which have no package names.
    files: ['tools/simulator/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: ['../../../../apps/**'], depConstraints: DEPENDENCIES },
      ],
    },
  },
  {
    // Imports against the layers inside a project. Specs import only what they test.
    files: ['**/*.ts', '**/*.tsx'],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: layerZones() }],
    },
  },
  {
    // Keys, member names and log lines come from outside: what reaches a terminal goes through one place, which escapes
    // it. Specs print nothing but through Jest; handlers of functions under test write their log.
    files: ['**/*.ts'],
    ignores: ['libs/terminal/**', '**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['stdout', 'stderr'].map((property) => ({ object: 'process', property, message: USE_TERMINAL })),
      ],
      'no-restricted-imports': [
        'error',
        ...['process', 'console'].flatMap((name) =>
          [name, `node:${name}`].map((module) => ({ name: module, message: USE_TERMINAL })),
        ),
      ],
    },
  },
  {
    // The page shows keys and log lines as text. Its content security policy (Trusted Types) enforces the same at run time.
    files: ['apps/console/src/page/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'JSXAttribute[name.name=%]',
          'MemberExpression[property.name=%]',
          'Property[key.name=%]',
          'Literal[value=%]',
        ].map((selector) => ({
          selector: selector.replace('%', String(MARKUP_FROM_TEXT)),
          message: 'Text from outside must never become markup. Render it with <Foreign>.',
        })),
      ],
    },
  },
);
