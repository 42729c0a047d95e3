/**
 * Sharing an offer: see what it earns, choose a channel, read what is recorded, agree.
 *
 * @import {OfferView} from '../lib/look.js'
 * @import {ChannelOut, OfferOut, ShareEvent} from '../lib/types.js'
 *
 * @typedef {object} Place  What the view is about, and where it is shown.
 * @property {HTMLElement} panel
 * @property {OfferView} view
 * @property {() => Promise<void>} again  Looks at the page anew.
 */

import { announce, button, element, show } from '../lib/dom.js';
import { hasTakenBack } from '../lib/look.js';
import { ask } from '../lib/messages.js';
import { local, onQueueChange, readQueue } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import { consentNodes } from './consent.js';
import { note, notice } from './notice.js';
import { schedulePicture } from './picture.js';
import { resultView } from './result.js';
import * as shownHere from './shown.js';

/**
 * Return the view of one page's offers.
 *
 * @param {Place} place
 * @param {number} [chosen]  Which of the offers is open.
 */
export function shareView(place, chosen = 0) {
  const { offers, document, trouble } = place.view;
  const offer = /** @type {OfferOut} */ (offers[chosen]);
  const reopen = (/** @type {number} */ other) => show(place.panel, shareView(place, other));
  const form = element('form', { class: 'stack', 'data-view': 'offer', autocomplete: 'off' });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => form.setAttribute('data-touched', ''));
  form.append(
    offerCard(place.view, offer),
    ...(trouble ? [note('old', say('keptOnly', sayTrouble(trouble)))] : []),
    ...(offers.length > 1 ? [otherOffers(offers, chosen, reopen)] : []),
    ...(offer.budget_spent
      ? [note('spent', say('budgetSpent', offer.brand))]
      : [
          ...(hasTakenBack(place.view.wallet, offer.id) ? [note('taken-back', say('tookBack'))] : []),
          channelChoice(document.channels, offer),
          nameField(),
          ...consentNodes(document.consent, {
            recorded: say('recordedShare'),
            words: say('agreeShare'),
            act: () => share(place, form, offer),
          }),
          element('p', { class: 'small soft' }, say('disclosure')),
        ]),
  );
  return form;
}

/**
 * @param {OfferView} view
 * @param {OfferOut} offer
 */
function offerCard({ wallet }, offer) {
  const credit = wallet?.places.find(({ offer_id }) => offer_id === offer.id)?.credit_minor ?? 0;
  return element(
    'div',
    { class: 'stage' },
    element('p', { class: 'eyebrow' }, offer.brand),
    element('h1', {}, offer.title),
    element('p', { class: 'promise' }, offer.promise),
    ...schedulePicture(offer, credit),
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

/**
 * Return the channels to choose from, with the one of last time chosen.
 *
 * @param {ChannelOut[]} channels
 * @param {OfferOut} offer
 */
function channelChoice(channels, offer) {
  const open = channels.filter(
    ({ key }) => offer.channels.includes(key) && (key !== 'sheet' || 'share' in navigator),
  );
  const choices = open.map(({ key, title }, place) => {
    const input = element('input', { type: 'radio', name: 'channel', value: key });
    input.checked = place === 0;
    return { key, input, label: element('label', { class: 'choice' }, input, title) };
  });
  local.read('channel').then((last) => {
    for (const { key, input } of choices) if (key === last) input.checked = true;
  });
  return element(
    'fieldset',
    {},
    element('legend', {}, say('channelTitle')),
    element('div', { class: 'choices' }, ...choices.map(({ label }) => label)),
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
  const channel = String(filled.get('channel'));
  const { hash, language } = place.view.document.consent;
  announce(say('makingLink'));
  const event = await ask('share.make', {
    id: shownHere.newId(),
    title: offer.title,
    body: {
      offer_id: offer.id,
      channel,
      shown_as: String(filled.get('shown_as')).trim(),
      consent_hash: hash,
      language,
    },
  });
  await local.write({ channel }).catch(() => undefined); // without room it is only not remembered
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
    const restart = button(say('startAgain'), 'quiet', again);
    return notice('share-refused', say('shareRefusedTitle'), words, restart);
  }
  return notice(
    'share-waiting',
    say('shareWaitingTitle'),
    say('shareWaitingText', title),
    element('p', { class: 'small soft' }, words),
    button(say('tryAgain'), 'quiet', () => ask('queue.hurry', null)),
  );
}
