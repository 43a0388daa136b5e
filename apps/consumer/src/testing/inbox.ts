import { type Inbox, inboxAt } from '../inbox/inbox.ts';
import { inFolder } from './folder.ts';

/** A test with an open inbox in a new folder. */
export const withInbox = (test: (inbox: Inbox, folder: string) => Promise<void>) => () =>
  inFolder(async (folder) => {
    const inbox = inboxAt(folder);
    await inbox.open();
    await test(inbox, folder);
  });
