export { type Case, casesOf, titleOf } from './case.ts';
export { type CaseChanges, changeEach } from './change-each.ts';
export { caseOf, type Choice, choose } from './choose.ts';
export { createDeadLetters, type DeadLetters, joinDeadLetters, type ReceivedLetter } from './dead-letters.ts';
export { drop, type DropDependencies } from './drop.ts';
export { withAllLetters } from './read-all.ts';
export { redrive, type RedriveDependencies } from './redrive.ts';
