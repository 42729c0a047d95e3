/**
 * The tab "This page": finds out where the person is and shows the view for it.
 *
 * Pressing the toolbar button gives the extension the address of this one tab (`activeTab`); it is
 * compared with the offers here, on the device, and goes nowhere.
 *
 * @import {View} from '../lib/look.js'
 * @import {ShareOut} from '../lib/types.js'
 */

import { announce, button, element, show } from '../lib/dom.js';
import { viewOf } from '../lib/look.js';
import { ask } from '../lib/messages.js';
import { askedAnew } from '../lib/queue.js';
import { readQueue, session } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import { claimView } from './claim.js';
import { resultView, shareView } from './share.js';

/** Counts what was asked to be shown, so that a slow answer does not replace a newer view. */
let latest = 0;

/**
 * Show the view for the tab that the person is looking at.
 *
 * @param {HTMLElement} panel
 */
export async function showPage(panel) {
  latest += 1;
  const mine = latest;
  const view = await look();
  if (mine !== latest) return;
  if (view.name === 'stand-down') await session.write({ stood_down: view.stoodDown });
  const again = () => showPage(panel);
  show(panel, ...nodesOf(view, panel, again));
}

/**
 * Show a share that arrived while nobody looked.
 *
 * @param {HTMLElement} panel
 * @param {ShareOut} made
 */
export async function showResult(panel, made) {
  latest += 1;
  show(panel, await resultView(made));
}

/** @returns {Promise<View>} */
async function look() {
  const standing = await ask('standing.get', null);
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return viewOf({
    session: standing.session,
    offers: standing.session
      ? await ask('offers.get', null)
      : { document: null, trouble: null },
    address: tab?.url,
    stoodDown: (await session.read('stood_down')) ?? [],
    settledVisits: await settledVisits(),
  });
}

/** Return the visits whose question was answered, but for those whose words have changed since. */
async function settledVisits() {
  const anew = askedAnew(await readQueue()).map(({ body }) => body.visit_token);
  return ((await session.read('settled_visits')) ?? []).filter((token) => !anew.includes(token));
}

/**
 * @param {View} view
 * @param {HTMLElement} panel
 * @param {() => Promise<void>} again
 * @returns {Node[]}
 */
function nodesOf(view, panel, again) {
  switch (view.name) {
    case 'signed-out':
      return signedOut(again);
    case 'trouble':
      return notice('trouble', say('troubleTitle'), sayTrouble(view.trouble), [
        button(say('tryAgain'), 'quiet', again),
      ]);
    case 'no-offer':
      return notice('no-offer', say('noOfferTitle'), say('noOfferText'), []);
    case 'stand-down':
      return standDown(view.offer.brand);
    case 'claim':
      return claimView(panel, view, again);
    case 'offer':
      return shareView({ panel, again, ...view });
  }
}

/** @param {string} brand */
function standDown(brand) {
  return notice('stand-down', say('standDownTitle'), say('standDownText', brand), []);
}

/** @param {() => Promise<void>} again */
function signedOut(again) {
  const signIn = button(say('signIn'), 'wide', async () => {
    announce(say('signingIn'));
    await ask('sign-in', null);
    await again();
  });
  signIn.id = 'sign-in';
  return notice('signed-out', say('signedOutTitle'), say('signedOutText'), [
    element('p', { class: 'small soft' }, say('disclosure')),
    signIn,
  ]);
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} text
 * @param {Node[]} more
 */
function notice(name, title, text, more) {
  return [
    element(
      'div',
      { class: 'notice stack', 'data-view': name },
      element('h1', {}, title),
      element('p', {}, text),
      ...more,
    ),
  ];
}
