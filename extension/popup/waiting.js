/**
 * What is in the queue: events that wait, that arrived while nobody looked, or that were refused.
 *
 * @import {QueuedEvent, ShareOut} from '../lib/types.js'
 */

import { button, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { orphans } from '../lib/queue.js';
import { readQueue } from '../lib/storage.js';
import { say, sayTrouble } from '../lib/words.js';
import * as shownHere from './shown.js';

/**
 * Show the queue, or nothing when there is nothing to say.
 *
 * @param {HTMLElement} place
 * @param {(made: ShareOut) => void} open  Shows a share that arrived while nobody looked.
 */
export async function showWaiting(place, open) {
  const [events, { session }] = await Promise.all([readQueue(), ask('standing.get', null)]);
  const old = session ? orphans(events, session) : [];
  const waiting = events.filter((event) => event.state === 'waiting' && !old.includes(event));
  const settled = events.filter(({ state, id }) => state !== 'waiting' && !shownHere.has(id));

  show(
    place,
    ...(waiting.length ? [element('p', { 'data-waiting': '' }, waitingWords(waiting.length))] : []),
    ...(old.length ? [orphansLine(old)] : []),
    ...settled.map((event) => settledLine(event, open)),
  );
  place.hidden = place.childElementCount === 0;
}

/** @param {number} count */
function waitingWords(count) {
  return count === 1 ? say('waitingOne') : say('waitingMany', count);
}

/** @param {QueuedEvent[]} old */
function orphansLine(old) {
  const ids = old.map(({ id }) => id);
  return element(
    'div',
    { class: 'stack', 'data-orphans': '' },
    element('p', {}, say('orphans', old.map(({ title }) => title).join(', '))),
    element(
      'div',
      { class: 'row' },
      button(say('orphansSend'), 'small', () => ask('queue.adopt', null)),
      button(say('orphansDrop'), 'small quiet', () => ask('queue.dismiss', { ids })),
    ),
  );
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
  return element(
    'div',
    { class: 'stack', 'data-settled': event.state },
    element('p', {}, words),
    element(
      'div',
      { class: 'row' },
      ...(made ? [button(say('showLink'), 'small', () => showLink(made))] : []),
      button(say('dismiss'), 'small quiet', dismiss),
    ),
  );
}
