/**
 * Sharing an offer: choose a channel, read what is recorded, agree, and take the link.
 *
 * @import {OfferOut, OffersOut, ShareEvent, ShareOut} from '../lib/types.js'
 *
 * @typedef {object} Place  What the view is about, and where it is shown.
 * @property {HTMLElement} panel
 * @property {OfferOut[]} offers
 * @property {OffersOut} document
 * @property {() => Promise<void>} again  Looks at the page anew.
 */

import { announce, button, copyButton, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { onQueueChange, readQueue } from '../lib/storage.js';
import { xDialog } from '../lib/texts.js';
import { say, sayTrouble } from '../lib/words.js';
import { consentNodes } from './consent.js';
import * as shownHere from './shown.js';

/** The channels that the popup can serve, with the words for each. */
const CHANNELS = new Map([
  ['copy', 'channelCopy'],
  ['qr', 'channelQr'],
  ['x', 'channelX'],
]);

/**
 * Return the view of one page's offers.
 *
 * @param {Place} place
 * @param {number} [chosen]  Which of the offers is open.
 * @returns {Node[]}
 */
export function shareView(place, chosen = 0) {
  const { panel, offers, document } = place;
  const offer = /** @type {OfferOut} */ (offers[chosen]);
  const reopen = (/** @type {number} */ other) => show(panel, ...shareView(place, other));
  const form = element('form', { class: 'stack', 'data-view': 'offer', autocomplete: 'off' });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.append(
    offerCard(offer),
    ...(offers.length > 1 ? [otherOffers(offers, chosen, reopen)] : []),
    channelChoice(offer),
    nameField(),
    ...consentNodes(document.consent, {
      recorded: say('recordedShare'),
      words: say('agreeShare'),
      act: () => share(place, form, offer),
    }),
    element('p', { class: 'small soft' }, say('disclosure')),
  );
  return [form];
}

/** @param {OfferOut} offer */
function offerCard(offer) {
  return element(
    'div',
    { class: 'stage' },
    element('p', { class: 'eyebrow' }, offer.brand),
    element('h1', {}, offer.title),
    element('p', { class: 'promise' }, offer.promise),
    element('p', { class: 'small' }, say('afterReturns', offer.return_days)),
  );
}

/**
 * @param {OfferOut[]} offers
 * @param {number} chosen
 * @param {(place: number) => void} reopen
 */
function otherOffers(offers, chosen, reopen) {
  const select = element('select', { id: 'offer', class: 'input' });
  offers.forEach(({ title }, place) => {
    const option = element('option', { value: String(place) }, title);
    option.selected = place === chosen;
    select.append(option);
  });
  select.addEventListener('change', () => reopen(Number(select.value)));
  return element(
    'div',
    { class: 'field' },
    element('label', { for: 'offer' }, say('otherOffers', offers.length)),
    select,
  );
}

/** @param {OfferOut} offer */
function channelChoice(offer) {
  const names = [...CHANNELS.keys()].filter((name) => offer.channels.includes(name));
  const choices = names.map((name, place) => {
    const input = element('input', { type: 'radio', name: 'channel', value: name });
    input.checked = place === 0;
    return element('label', { class: 'choice' }, input, say(CHANNELS.get(name) ?? ''));
  });
  return element(
    'fieldset',
    {},
    element('legend', {}, say('channelTitle')),
    element('div', { class: 'choices' }, ...choices),
  );
}

function nameField() {
  return element(
    'div',
    { class: 'field' },
    element('label', { for: 'shown-as' }, say('shownAs')),
    element('input', {
      id: 'shown-as',
      class: 'input',
      name: 'shown_as',
      maxlength: '40',
      'aria-describedby': 'shown-as-hint',
    }),
    element('p', { id: 'shown-as-hint', class: 'small soft' }, say('shownAsHint')),
  );
}

/**
 * @param {Place} place
 * @param {HTMLFormElement} form
 * @param {OfferOut} offer
 */
async function share(place, form, offer) {
  const filled = new FormData(form);
  const { hash, language } = place.document.consent;
  announce(say('makingLink'));
  const event = await ask('share.make', {
    id: shownHere.newId(),
    title: offer.title,
    body: {
      offer_id: offer.id,
      channel: String(filled.get('channel')),
      shown_as: String(filled.get('shown_as')).trim(),
      consent_hash: hash,
      language,
    },
  });
  await showOutcome(place, event);
}

/**
 * Show how a share stands, and again when it changes.
 *
 * @param {Place} place
 * @param {ShareEvent} event
 */
async function showOutcome(place, event) {
  if (event.state === 'acknowledged' && event.answer) {
    show(place.panel, await resultView(event.answer));
  } else {
    show(place.panel, unsettledView(event, place.again));
  }
  if (event.state === 'waiting') followUp(place, event.id);
  else await ask('queue.dismiss', { ids: [event.id] });
}

/**
 * @param {Place} place
 * @param {string} id
 */
function followUp(place, id) {
  let isShown = false;
  onQueueChange(async () => {
    const event = (await readQueue()).find((candidate) => candidate.id === id);
    if (isShown || event?.kind !== 'share' || event.state === 'waiting') return;
    isShown = true;
    await showOutcome(place, event);
  });
}

/**
 * @param {ShareEvent} event
 * @param {() => Promise<void>} again
 */
function unsettledView({ state, title, trouble }, again) {
  const words = trouble ? sayTrouble(trouble) : '';
  if (state === 'refused') {
    return element(
      'div',
      { class: 'notice stack', 'data-view': 'share-refused' },
      element('h1', {}, say('shareRefusedTitle')),
      element('p', {}, words),
      button(say('startAgain'), 'quiet', again),
    );
  }
  return element(
    'div',
    { class: 'notice stack', 'data-view': 'share-waiting' },
    element('h1', {}, say('shareWaitingTitle')),
    element('p', {}, say('shareWaitingText', title)),
    element('p', { class: 'small soft' }, words),
    button(say('tryAgain'), 'quiet', () => ask('queue.hurry', null)),
  );
}

/**
 * Return the view of a share that the server has recorded.
 *
 * @param {ShareOut} made
 */
export async function resultView(made) {
  return element(
    'div',
    { class: 'stack', 'data-view': 'share-result' },
    element('h1', {}, say('resultTitle')),
    ...(made.channel === 'qr' ? [await qrPicture(made)] : []),
    element('p', { class: 'link-box', id: 'link' }, made.link),
    ...(made.channel === 'x' ? [xButton(made)] : []),
    copyButton(say('copyLink'), made.channel === 'copy' ? 'wide' : 'wide quiet', made.link),
    element('h2', {}, say('resultTextTitle')),
    element('blockquote', { id: 'share-text' }, made.text),
    copyButton(say('copyText'), 'wide quiet', made.text),
    element('p', { class: 'small soft' }, say('resultHint')),
  );
}

/** @param {ShareOut} made */
function xButton(made) {
  const open = button(say('openX'), 'wide', () => chrome.tabs.create({ url: xDialog(made) }));
  open.id = 'open-x';
  return open;
}

/**
 * @param {ShareOut} made
 * @returns {Promise<Node>}
 */
async function qrPicture(made) {
  const drawn = await ask('share.qr', { code: made.code }).catch(() => null);
  if (!drawn) return element('p', { class: 'trouble' }, say('qrMissing'));
  const address = URL.createObjectURL(new Blob([drawn], { type: 'image/svg+xml' }));
  const picture = element('img', { class: 'qr', id: 'qr', alt: say('qrAlt'), src: address });
  picture.addEventListener('load', () => URL.revokeObjectURL(address), { once: true });
  return picture;
}
