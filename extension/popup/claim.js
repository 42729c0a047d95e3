/**
 * "Ada brought me": a friend who came through a link confirms it, or does not.
 *
 * @import {ClaimEvent, OfferOut, OffersOut} from '../lib/types.js'
 */

import { announce, button, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { askedAnew, wordsChanged } from '../lib/queue.js';
import { readQueue, session } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import { consentNodes } from './consent.js';
import * as shownHere from './shown.js';

/**
 * Return the view that asks.
 *
 * @param {HTMLElement} panel
 * @param {{ offer: OfferOut, document: OffersOut, visitToken: string }} visit
 * @param {() => Promise<void>} goOn  Shows what the page has besides.
 * @returns {HTMLElement}
 */
export function claimView(panel, { offer, document, visitToken }, goOn) {
  const consent = document.referral_consent;
  const settle = async () => {
    const settled = (await session.read('settled_visits')) ?? [];
    await session.write({ settled_visits: [...settled, visitToken] });
    const older = askedAnew(await readQueue()).filter(({ body }) => body.visit_token === visitToken);
    if (older.length) await ask('queue.dismiss', { ids: older.map(({ id }) => id) });
  };
  const claim = async () => {
    announce(say('claiming'));
    const event = await ask('claim.make', {
      id: shownHere.newId(),
      title: say('claimOf', offer.title),
      body: { visit_token: visitToken, consent_hash: consent.hash, language: consent.language },
    });
    if (!wordsChanged(event.trouble)) await settle();
    show(panel, outcomeView(event, goOn));
    if (event.state !== 'waiting') await ask('queue.dismiss', { ids: [event.id] });
  };
  const notNow = button(say('claimNotNow'), 'wide quiet', async () => {
    await settle();
    await goOn();
  });
  notNow.id = 'not-now';

  const asked = { recorded: say('recordedClaim'), words: say('agreeClaim'), act: claim };
  return element(
    'div',
    { class: 'stack', 'data-view': 'claim' },
    element('h1', {}, say('claimTitle')),
    element('p', {}, say('claimText', offer.brand)),
    ...consentNodes(consent, asked),
    notNow,
  );
}

/**
 * @param {ClaimEvent} event
 * @param {() => Promise<void>} goOn
 */
function outcomeView(event, goOn) {
  return element(
    'div',
    { class: 'notice stack', 'data-view': `claim-${event.state}` },
    ...outcomeWords(event),
    button(say('claimGoOn'), 'quiet', goOn),
  );
}

/**
 * @param {ClaimEvent} event
 * @returns {Node[]}
 */
function outcomeWords({ state, answer, trouble }) {
  if (state === 'acknowledged') {
    const name = answer?.brought_by ?? '';
    const words = name ? say('claimDoneBy', name) : say('claimDone');
    return [element('h1', {}, words), element('p', {}, say('claimDoneText'))];
  }
  const title = state === 'waiting' ? say('claimWaiting') : say('claimRefused');
  return [element('h1', {}, title), element('p', {}, trouble ? sayTrouble(trouble) : '')];
}
