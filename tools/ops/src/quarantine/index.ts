export { type Case, casesOf } from './case.ts';
export type { DeadLetters, ReceivedLetter } from './dead-letters.ts';
export { drop, type DropDependencies } from './drop.ts';
export { withAllLetters } from './read-all.ts';
export { redrive, type RedriveDependencies } from './redrive.ts';
