export { MAX_NAME_BYTES, type MemberName, memberName } from './member-name.ts';
export { type Nameable, nameMembers } from './name-members.ts';
