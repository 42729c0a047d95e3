/**
 * The tab "This page": finds out where the person is and shows the view for it.
 *
 * Pressing the toolbar button gives the extension the address of this one tab (`activeTab`); it is
 * compared with the offers here, on the device, and goes nowhere.  What is kept is shown at once;
 * then the server is asked, and the view changes when something is new.
 *
 * @import {Known, View} from '../lib/look.js'
 * @import {QueuedEvent, ShareOut} from '../lib/types.js'
 */

import { announce, button, byId, element, painted, show } from '../lib/dom.js';
import { keptFor } from '../lib/kept_offers.js';
import { viewOf } from '../lib/look.js';
import { ask } from '../lib/messages.js';
import { money } from '../lib/money.js';
import { askedAnew } from '../lib/queue.js';
import { session } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import { first, read } from './asked.js';
import { claimView } from './claim.js';
import { note, notice } from './notice.js';
import { resultView } from './result.js';
import { shareView } from './share.js';

/** Counts what was asked to be shown, so that a slow answer does not replace a newer view. */
let latest = 0;

/**
 * Show the view for the tab that the person is looking at.
 *
 * @param {HTMLElement} panel
 */
export async function showPage(panel) {
  const isFirst = latest === 0;
  latest += 1;
  const mine = latest;
  const kept = await known(isFirst ? first : read());
  if (mine !== latest) return;
  const shown = await showView(panel, viewOf(kept));
  performance.mark('useful');
  if (!kept.session) return;

  await painted(); // the background takes the processor from it
  const [{ unkept, trouble }] = await Promise.all([
    ask('offers.refresh', null),
    ask('wallet.recent', null).catch(() => null), // what is kept of it is shown
  ]);
  const now = await known(read());
  const offers = { document: unkept ?? now.offers.document, trouble };
  const then = viewOf({ ...now, offers, isFresh: true });
  const isOld = mine !== latest || !panel.contains(shown.node);
  const isKept = isTouched(panel) && consentOf(then) === consentOf(shown.view);
  const isSame = JSON.stringify(then) === JSON.stringify(shown.view);
  if (!isOld && !isKept && !isSame) await showView(panel, then);
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

/**
 * Return what is known without asking anybody.
 *
 * @param {ReturnType<typeof read>} asked
 * @returns {Promise<Known>}
 */
async function known(asked) {
  const [kept, now, [tab]] = await asked;
  const address = tab?.url;
  return {
    session: kept.refresh?.session ?? null,
    hasSignInEnded: now.sign_in_ended ?? false,
    offers: { document: await keptFor(kept.offers, address), trouble: null },
    isFresh: false,
    wallet: kept.wallet ?? null,
    address,
    stoodDown: now.stood_down ?? [],
    settledVisits: stillSettled(now.settled_visits, kept.queue),
  };
}

/**
 * Return the visits whose question was answered, but for those whose words have changed since.
 *
 * @param {string[]} [settled]
 * @param {QueuedEvent[]} [queue]
 */
function stillSettled(settled = [], queue = []) {
  const anew = askedAnew(queue).map(({ body }) => body.visit_token);
  return settled.filter((token) => !anew.includes(token));
}

/**
 * Return what names the words that the view asks to agree to, if it does.
 *
 * @param {View} view
 */
function consentOf(view) {
  return view.name === 'offer' ? view.document.consent.hash : view.name;
}

/** @param {HTMLElement} panel */
function isTouched(panel) {
  return panel.querySelector('[data-touched]') !== null;
}

/**
 * @param {HTMLElement} panel
 * @param {View} view
 */
async function showView(panel, view) {
  const node = nodeOf(view, panel, () => showPage(panel));
  show(panel, node);
  if (view.name === 'looking') panel.setAttribute('aria-busy', 'true');
  if (view.name === 'stand-down') await session.write({ stood_down: view.stoodDown });
  return { node, view };
}

/**
 * @param {View} view
 * @param {HTMLElement} panel
 * @param {() => Promise<void>} again
 * @returns {HTMLElement}
 */
function nodeOf(view, panel, again) {
  switch (view.name) {
    case 'signed-out':
      return signedOut(view.hasSignInEnded, again);
    case 'looking':
      return element('p', { class: 'notice soft', 'data-view': 'looking' }, say('looking'));
    case 'trouble':
      return notice('trouble', say('troubleTitle'), sayTrouble(view.trouble), retry(again));
    case 'no-offer': {
      const old = view.trouble ? [note('old', say('keptOnly', sayTrouble(view.trouble)))] : [];
      return notice('no-offer', say('noOfferTitle'), say('noOfferText'), ...old);
    }
    case 'ended': {
      const { currency, payable_minor, offer_title, brand } = view.place;
      const payable = money(payable_minor, currency, say('localeCode'));
      const words = say('endedText', offer_title, brand, payable);
      const wallet = button(say('tabWallet'), 'quiet', () => byId('tab-wallet').click());
      return notice('ended', say('endedTitle'), words, wallet);
    }
    case 'stand-down':
      return notice('stand-down', say('standDownTitle'), say('standDownText', view.offer.brand));
    case 'claim':
      return claimView(panel, view, again);
    case 'offer':
      return shareView({ panel, again, view });
  }
}

/** @param {() => Promise<void>} again */
function retry(again) {
  return button(say('tryAgain'), 'quiet', again);
}

/**
 * @param {boolean} hasSignInEnded
 * @param {() => Promise<void>} again
 */
function signedOut(hasSignInEnded, again) {
  const signIn = button(say('signIn'), 'wide', async () => {
    announce(say('signingIn'));
    await ask('sign-in', null);
    await again();
  });
  signIn.id = 'sign-in';
  return notice(
    'signed-out',
    say(hasSignInEnded ? 'signInEndedTitle' : 'signedOutTitle'),
    say(hasSignInEnded ? 'signInEndedText' : 'signedOutText'),
    element('p', { class: 'small soft' }, say('disclosure')),
    signIn,
  );
}
