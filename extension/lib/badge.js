/** The number on the toolbar button: what waits to be sent, and who waits for the person's word. */

import { currentSession } from './auth.js';
import { waitingOf } from './queue.js';
import { local, readQueue } from './storage.js';

/** Show how much waits. */
export async function showCount() {
  const [queue, session, kept] = await Promise.all([
    readQueue(),
    currentSession(),
    local.read('meetings'),
  ]);
  const asked = kept && kept.session === session ? kept.meetings.length : 0;
  const count = waitingOf(queue, session).length + asked;
  await chrome.action.setBadgeText({ text: count ? String(count) : '' });
}
