import { readFileSync } from 'node:fs';
import type { Resource } from './rules/rule.ts';

/** Every resource of a template. */
export function readTemplate(stack: string, file: string): Resource[] {
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  };
  return Object.entries(template.Resources ?? {}).map(([logicalId, { Type, Properties }]) => ({
    stack,
    template: file,
    logicalId,
    type: Type,
    properties: Properties ?? {},
  }));
}
