export type { ListedObject, ListedVersion, ListingStart, ObjectListing, VersionMarker } from './listing.ts';
export { createObjectListing } from './sdk-listing.ts';
