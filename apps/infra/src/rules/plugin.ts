import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import type { Environment } from '../environments/environment.ts';
import { rules } from './index.ts';
import type { Resource, Templates } from './rule.ts';

/** Our rules, as CDK asks them at the end of a synthesis. A violation fails it. */
export function rulesPlugin(environment: Environment): IPolicyValidationPlugin {
  return {
    name: 'data-aggregator',
    ruleIds: rules.map(({ name }) => name),
    validate(context) {
      const violations = check({ environment, resources: resourcesOf(context) });
      return { success: violations.length === 0, violations };
    },
  };
}

function check(templates: Templates): PolicyViolation[] {
  return rules.flatMap((rule) =>
    rule.check(templates).map(({ resource, problem }) => ({
      ruleName: rule.name,
      description: `${rule.name}: ${problem}.`,
      fix: rule.fix,
      severity: 'error',
      violatingResources: [
        {
          resourceLogicalId: resource.logicalId,
          templatePath: resource.template,
          locations: [`/Resources/${resource.logicalId}`],
        },
      ],
    })),
  );
}

function resourcesOf({ stackTemplates }: IPolicyValidationContext): Resource[] {
  return stackTemplates.flatMap(({ stackConstructPath, templatePath }) => {
    const template = JSON.parse(readFileSync(templatePath, 'utf8')) as {
      Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
    };
    return Object.entries(template.Resources ?? {}).map(([logicalId, { Type, Properties }]) => ({
      stack: stackConstructPath,
      template: templatePath,
      logicalId,
      type: Type,
      properties: Properties ?? {},
    }));
  });
}
