import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/scratch-workspace.ts';
import { physicalNameOf } from './function-name.ts';

const template = {
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { FunctionName: 'x-thumbnailer' } },
    Other: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'data-aggregator-dev-thumbnailer-two' },
    },
    Wanted: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'data-aggregator-dev-thumbnailer' },
    },
  },
};

describe('the name of a function on AWS', () => {
  it('comes from the templates', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a.template.json'), JSON.stringify(template));
    writeFileSync(join(folder.path, 'manifest.json'), 'no template');
    expect(physicalNameOf('thumbnailer', folder.path, folder.path)).toBe('data-aggregator-dev-thumbnailer');
    expect(() => physicalNameOf('nobody', folder.path, folder.path)).toThrow('have no function "nobody".');
  });

  it('is unknown before the environment is synthesised', () => {
    using folder = temporaryFolder();
    expect(() => physicalNameOf('a', join(folder.path, 'cdk.out/dev'), folder.path)).toThrow(
      'There is no cdk.out/dev. Run "npx nx run infra:synth" first.',
    );
  });
});
