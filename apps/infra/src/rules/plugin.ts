import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import type { Environment } from '../environments/environment.ts';
import { readTemplate, type Resource, type Templates } from '../templates/resources.ts';
import { rules } from './index.ts';

/** Our rules as a validation plugin. CDK runs it at the end of a synthesis, and a violation fails the synthesis. */
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
  return stackTemplates.flatMap(({ stackConstructPath, templatePath }) =>
    readTemplate(stackConstructPath, templatePath),
  );
}
