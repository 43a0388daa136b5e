export { nameProblem, otherName } from './extractable.ts';
export { fold } from './fold.ts';
export { MAX_NAME_BYTES, type MemberName, memberName } from './member-name.ts';
export { type MemberKey, nameMembers } from './name-members.ts';
export { safeSegment } from './safe-segment.ts';
