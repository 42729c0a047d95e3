/**
 * What a view is made of, without asking anybody: what is stored, and the tab.
 *
 * The page runs this file before the others are there, so that the first view need not wait for it.
 */

import { local, session } from '../lib/storage.js';

/** Read it as it is now. */
export function read() {
  return Promise.all([
    local.these(['refresh', 'offers', 'wallet', 'queue']),
    session.all(),
    chrome.tabs.query({ active: true, currentWindow: true }),
  ]);
}

/** As it was when the popup opened. */
export const first = read();
