import type { TargetConfiguration } from '@nx/devkit';

/**
 * The `build` target of a function: `@nx/esbuild` with the settings of esbuild.config.ts, which also places what was
 * built (see artifact.ts).
 *
 * Types are not checked here but by `typecheck`.
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
      description: 'Bundles src/handler.ts to dist/function/index.mjs and holds it to its size budget',
    },
  };
}
