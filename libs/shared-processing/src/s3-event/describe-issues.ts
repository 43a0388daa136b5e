import * as v from 'valibot';

/** Enough of a value to recognise it by, in characters; a message may be of megabytes. */
const MAX_VALUE_LENGTH = 120;

/** Enough mistakes to see what is wrong with a record. */
const MAX_ISSUES = 5;

/**
 * Names each wrong field with its value: `s3.object.size is negative (got -1); …`.
 *
 * @param whole what a mistake without a field is about: `the record`
 */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[], whole: string): string {
  const described = issues
    .slice(0, MAX_ISSUES)
    .map((issue) => `${v.getDotPath(issue) ?? whole} ${describeProblem(issue)}`);
  const more = issues.length - described.length;
  return described.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** A value for a message: on one line, of bounded length, and of characters that SQS takes. */
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
  // Checks here are worded as predicates; of a wrong type valibot knows the expected one.
  const problem =
    issue.type === 'literal' || issue.kind !== 'schema' ? issue.message : `is not of type ${issue.expected}`;
  return `${problem} (got ${describeValue(issue.input)})`;
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH).toWellFormed()}…`;
}
