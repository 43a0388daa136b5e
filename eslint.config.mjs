import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const USE_TERMINAL = 'Write through @data-aggregator/terminal, which escapes what controls a terminal.';

export default tseslint.config(
  { ignores: ['**/dist', '**/cdk.out', '**/out', '**/coverage', '**/node_modules', '.nx', '**/templates'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strict],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          depConstraints: [
            { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:function', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:infra', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
            { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
          ],
        },
      ],
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
  prettier,
);
