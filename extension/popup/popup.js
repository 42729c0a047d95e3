/** The popup: two tabs, what waits to be sent above them, and where else to go. */

import { byId } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { onQueueChange } from '../lib/storage.js';
import { translate } from '../lib/words.js';
import { showPage, showResult } from './page.js';
import { showWaiting } from './waiting.js';
import { showWallet } from './wallet.js';

const TABS = [
  { tab: byId('tab-page'), panel: byId('panel-page'), show: showPage },
  { tab: byId('tab-wallet'), panel: byId('panel-wallet'), show: showWallet },
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

/** Show what is in the queue. */
function showQueue() {
  return showWaiting(byId('waiting'), (made) => select(0, (panel) => showResult(panel, made)));
}

TABS.forEach(({ tab }, place) => {
  tab.addEventListener('click', () => select(place));
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (place + step + TABS.length) % TABS.length;
    TABS[next]?.tab.focus();
    select(next);
  });
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
ask('queue.hurry', null);
