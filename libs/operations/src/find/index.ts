export { find, type Sighting } from './find.ts';
