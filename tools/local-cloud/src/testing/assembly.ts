import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A handler in `testing/handlers`. */
export type HandlerName = 'commands' | 'batches' | 'reader';

const handlers: readonly HandlerName[] = ['commands', 'batches', 'reader'];

const written: string[] = [];
afterAll(() => {
  for (const folder of written.splice(0)) rmSync(folder, { recursive: true });
});

/**
 * Writes a cloud assembly with one stack, like CDK, to a new folder that is removed after the spec.
 *
 * @returns the folder
 */
export function writeAssembly(resources: Readonly<Record<string, unknown>>, parameters: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  written.push(folder);
  const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));
  write('manifest.json', {
    version: '48.0.0',
    artifacts: {
      'stack.assets': { type: 'cdk:asset-manifest', properties: { file: 'stack.assets.json' } },
      stack: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'stack.template.json', stackName: 'fixture' },
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  });
  write('stack.assets.json', {
    version: '48.0.0',
    files: Object.fromEntries(
      handlers.map((name) => [
        `hash-of-${name}`,
        { source: { path: join(import.meta.dirname, 'handlers', name), packaging: 'zip' }, destinations: {} },
      ]),
    ),
    dockerImages: {},
  });
  write('stack.template.json', { Parameters: parameters, Resources: resources });
  return folder;
}

/** A function with the given handler and its own role with these statements. */
export function functionResources(
  id: string,
  handler: HandlerName,
  statements: readonly object[],
  properties: object = {},
): Record<string, unknown> {
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: `${id.toLowerCase()}-role`,
        AssumeRolePolicyDocument: {},
        Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `fixture-${id.toLowerCase()}`,
        Code: {
          S3Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
          S3Key: `hash-of-${handler}.zip`,
        },
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Runtime: 'nodejs24.x',
        MemorySize: 256,
        Timeout: 2,
        ...properties,
      },
    },
  };
}

export const allow = (Action: string | string[], Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

export const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
