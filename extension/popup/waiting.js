/**
 * What is in the queue: events that wait, that arrived while nobody looked, or that were refused.
 *
 * @import {QueuedEvent, ShareOut} from '../lib/types.js'
 */

import { button, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { waitingOf } from '../lib/queue.js';
import { local } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import * as shownHere from './shown.js';

/**
 * Show the queue, or nothing when there is nothing to say.
 *
 * @param {HTMLElement} place
 * @param {(made: ShareOut) => void} open  Shows a share that arrived while nobody looked.
 */
export async function showWaiting(place, open) {
  const { queue: events = [], refresh } = await local.these(['queue', 'refresh']);
  const session = refresh?.session ?? null;
  const waiting = waitingOf(events, session);
  const settled = events.filter(
    (event) =>
      event.state !== 'waiting' && event.session === session && !shownHere.has(event.id),
  );

  show(
    place,
    ...(waiting.length ? [element('p', { 'data-waiting': '' }, waitingWords(waiting.length))] : []),
    ...settled.map((event) => settledLine(event, open)),
  );
  place.hidden = place.childElementCount === 0;
}

/** @param {number} count */
function waitingWords(count) {
  return count === 1 ? say('waitingOne') : say('waitingMany', count);
}

/**
 * @param {QueuedEvent} event
 * @param {(made: ShareOut) => void} open
 */
function settledLine(event, open) {
  const dismiss = () => ask('queue.dismiss', { ids: [event.id] });
  const made = event.kind === 'share' ? event.answer : null;
  const words = event.trouble
    ? say('refused', event.title, sayTrouble(event.trouble))
    : say('arrived', event.title);
  const showLink = (/** @type {ShareOut} */ share) => {
    open(share);
    return dismiss();
  };
  const told = `settled-${event.id}`;
  const buttons = [
    ...(made ? [button(say('showLink'), 'small', () => showLink(made))] : []),
    button(say('dismiss'), 'small quiet', dismiss),
  ];
  for (const one of buttons) one.setAttribute('aria-describedby', told);
  return element(
    'div',
    { class: 'stack', 'data-settled': event.state },
    element('p', { id: told }, words),
    element('div', { class: 'row' }, ...buttons),
  );
}
