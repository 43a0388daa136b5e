import type { TargetConfiguration } from '@nx/devkit';

/**
 * The `build` target of a function: `@nx/esbuild` with esbuild.config.ts. The plugin in artifact.ts writes the output.
 *
 * `typecheck` checks the types.
 */
export function buildTarget(): TargetConfiguration {
  return {
    executor: '@nx/esbuild:esbuild',
    cache: true,
    dependsOn: [],
    inputs: [
      'production',
      '^production',
      '{workspaceRoot}/tools/lambda-plugin/src/build/**/*.ts',
      '{workspaceRoot}/libs/function-manifest/src/**/*.ts',
      { externalDependencies: ['esbuild', '@nx/esbuild'] },
    ],
    outputs: [
      '{projectRoot}/dist/function',
      '{projectRoot}/dist/index.mjs.map',
      '{projectRoot}/dist/meta.json',
    ],
    options: {
      main: '{projectRoot}/src/handler.ts',
      outputPath: '{projectRoot}/dist',
      outputFileName: 'function/index.mjs',
      tsConfig: '{projectRoot}/tsconfig.json',
      esbuildConfig: 'tools/lambda-plugin/src/build/esbuild.config.ts',
      bundle: true,
      format: ['esm'],
      platform: 'node',
      target: 'node24',
      thirdParty: true,
      minify: true,
      sourcemap: 'external',
      metafile: true,
      declaration: false,
      skipTypeCheck: true,
      deleteOutputPath: false,
      assets: [],
    },
    metadata: {
      description:
        'Bundles src/handler.ts into dist/function/index.mjs, and fails if it exceeds its size budget',
    },
  };
}
