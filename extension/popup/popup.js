/** The popup: two tabs, what waits to be sent above them, and where else to go. */

import { byId, painted } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { onQueueChange } from '../lib/storage.js';
import { translate } from '../lib/words.js';
import { lookForMeetings, showMeetings } from './meetings.js';
import { showPage, showResult } from './page.js';
import { showWaiting } from './waiting.js';
import { showWallet } from './wallet.js';

const TABS = [
  { tab: byId('tab-page'), panel: byId('panel-page'), show: showPage },
  { tab: byId('tab-wallet'), panel: byId('panel-wallet'), show: showAllOfWallet },
];

/**
 * @param {number} chosen
 * @param {(panel: HTMLElement) => unknown} [showOther]  Shows something else in the panel.
 */
function select(chosen, showOther) {
  TABS.forEach(({ tab, panel }, place) => {
    tab.setAttribute('aria-selected', String(place === chosen));
    tab.tabIndex = place === chosen ? 0 : -1;
    panel.hidden = place !== chosen;
  });
  const choice = TABS[chosen];
  if (choice) (showOther ?? choice.show)(choice.panel);
}

/** @param {HTMLElement} panel */
function showAllOfWallet(panel) {
  return showWallet(panel).then(lookForMeetings);
}

/** Show what is in the queue. */
function showQueue() {
  return showWaiting(byId('waiting'), (made) => select(0, (panel) => showResult(panel, made)));
}

TABS.forEach(({ tab }, place) => {
  tab.addEventListener('click', () => select(place));
  tab.addEventListener('keydown', (event) => {
    const last = TABS.length - 1;
    const next = {
      ArrowRight: place === last ? 0 : place + 1,
      ArrowLeft: place === 0 ? last : place - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    TABS[next]?.tab.focus();
    select(next);
  });
});

// Escape closes what is unfolded, the innermost first; the next one closes the popup.
addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && [...document.querySelectorAll('details[open]')].at(-1);
  if (!open) return;
  event.preventDefault();
  open.removeAttribute('open');
  open.querySelector('summary')?.focus();
});

byId('open-options').addEventListener('click', () => chrome.runtime.openOptionsPage());
byId('open-welcome').addEventListener('click', () => {
  chrome.tabs.create({ url: chrome.runtime.getURL('welcome/welcome.html') });
});
addEventListener('online', () => ask('queue.hurry', null));
onQueueChange(showQueue);

translate();
select(0);
showQueue();
showMeetings(byId('meetings'));
painted().then(() => ask('queue.hurry', null));
