export {
  type ClassifiedVersions,
  classifyVersions,
  type ClassifyDependencies,
  earliest,
  type VersionCounts,
} from './classify-versions.ts';
export { sendNotifications, type SendNotificationsDependencies } from './send-notifications.ts';
