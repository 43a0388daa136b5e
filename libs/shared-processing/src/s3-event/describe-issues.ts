import * as v from 'valibot';

/** Maximum length of a value in a description, in characters; a message may have megabytes. */
const MAX_VALUE_LENGTH = 120;

/** Maximum number of issues in a description. */
const MAX_ISSUES = 5;

/**
 * Names each wrong field with its value: `s3.object.size is negative (got -1); …`.
 *
 * @param whole the subject of an issue without a field: `the record`
 */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[], whole: string): string {
  const described = issues
    .slice(0, MAX_ISSUES)
    .map((issue) => `${v.getDotPath(issue) ?? whole} ${describeProblem(issue)}`);
  const more = issues.length - described.length;
  return described.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** Describes a value on one line, with bounded length and only characters that SQS accepts. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(shorten(value)).replaceAll(
      /[\ufffe\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16)}`,
    );
  }
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function describeProblem(issue: v.BaseIssue<unknown>): string {
  if (issue.input === undefined) return 'is missing';
  // Our checks have predicates as messages; for a wrong type, valibot provides the expected one.
  const problem =
    issue.type === 'literal' || issue.kind !== 'schema' ? issue.message : `is not of type ${issue.expected}`;
  return `${problem} (got ${describeValue(issue.input)})`;
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH).toWellFormed()}…`;
}
