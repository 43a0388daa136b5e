import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Environment } from './environments/environment.ts';
import { rulesPlugin } from './rules/plugin.ts';

/** Lets an app's synthesis fail where it breaks a rule of AWS's solutions library, or one of ours. */
export function check(app: App, environment: Environment): App {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), rulesPlugin(environment));
  return app;
}
