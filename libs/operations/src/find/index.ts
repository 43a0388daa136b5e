export { find, type FindDependencies, type Sighting } from './find.ts';
