/**
 * Events that wait until the server has acknowledged them.  Pure: a queue comes in, a queue goes
 * out; what stores and what sends are ports.
 *
 * An event is made once, with an id of its own, and sent until it is answered; the server counts
 * it once whatever happens between.  A passing trouble is tried again later, a refusal is kept to
 * be shown and never sent again.
 *
 * @import {ClaimEvent, QueuedEvent, Trouble} from './types.js'
 *
 * @typedef {object} QueuePort
 * @property {() => Promise<QueuedEvent[]>} load
 * @property {(change: (queue: QueuedEvent[]) => QueuedEvent[]) => Promise<unknown>} change
 *   Reads, changes and writes as one step, whoever else does the same.
 * @property {(event: QueuedEvent) => Promise<QueuedEvent['answer']>} send  Throws Problem.
 * @property {() => number} now  Milliseconds.
 */

import { Problem, SIGNED_OUT, passes } from './problem.js';

const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

/** So many settled events are kept for the popup to show. */
const SETTLED_KEPT = 20;

/**
 * Add an event; one that is already there stays as it is.
 *
 * @param {QueuedEvent[]} queue
 * @param {QueuedEvent} event
 * @returns {QueuedEvent[]}
 */
export function withEvent(queue, event) {
  if (queue.some(({ id }) => id === event.id)) return queue;
  return [...queue, event];
}

/**
 * Return what may be sent now, the oldest first.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session  Events of an earlier sign-in may be another person's: they wait.
 * @param {number} nowMs
 */
export function due(queue, session, nowMs) {
  return queue.filter(
    (event) =>
      event.state === 'waiting' &&
      event.session === session &&
      Math.max(event.due_ms, event.not_before_ms) <= nowMs,
  );
}

/**
 * Return when the next event may be sent, or null.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session
 */
export function nextDueMs(queue, session) {
  const times = queue
    .filter((event) => event.state === 'waiting' && event.session === session)
    .map((event) => Math.max(event.due_ms, event.not_before_ms));
  return times.length ? Math.min(...times) : null;
}

/**
 * Note the server's answer.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} id
 * @param {QueuedEvent['answer']} answer
 */
export function acknowledged(queue, id, answer) {
  const noted = changed(queue, id, (event) =>
    /** @type {QueuedEvent} */ ({ ...event, state: 'acknowledged', answer, trouble: null }),
  );
  return tidy(noted);
}

/**
 * Note that an event was not accepted: for good, or for now.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} id
 * @param {Trouble} trouble
 * @param {number} nowMs
 */
export function notAccepted(queue, id, trouble, nowMs) {
  const noted = changed(queue, id, (event) => {
    if (!passes(trouble)) return { ...event, state: 'refused', trouble };
    return {
      ...event,
      trouble,
      attempts: event.attempts + 1,
      due_ms: nowMs + waitMs(event.attempts),
      not_before_ms: nowMs + trouble.retry_after_seconds * 1000,
    };
  });
  return tidy(noted);
}

/**
 * Return how long to wait after so many attempts: doubling from half a minute to an hour.
 *
 * @param {number} attempts
 */
export function waitMs(attempts) {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 20), LONGEST_WAIT_MS);
}

/**
 * Make everything due that the server has not asked to hold back; for when the person looks.
 *
 * @param {QueuedEvent[]} queue
 */
export function hurried(queue) {
  return queue.map((event) => (event.state === 'waiting' ? { ...event, due_ms: 0 } : event));
}

/**
 * Return the waiting events of an earlier sign-in, which need a word before they are sent.
 *
 * @param {QueuedEvent[]} queue
 * @param {string | null} session
 */
export function orphans(queue, session) {
  return queue.filter((event) => event.state === 'waiting' && event.session !== session);
}

/**
 * Let the sign-in of now send what an earlier one left waiting.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session
 */
export function adopted(queue, session) {
  return queue.map((event) => (event.state === 'waiting' ? { ...event, session } : event));
}

/**
 * Return the claims that the server refused because the text to agree to had changed.
 *
 * Their visits are asked about again: nothing that a person decided is lost on the way.
 *
 * @param {QueuedEvent[]} queue
 * @returns {ClaimEvent[]}
 */
export function askedAnew(queue) {
  const claims = /** @type {ClaimEvent[]} */ (queue.filter(({ kind }) => kind === 'claim'));
  return claims.filter(({ state, trouble }) => state === 'refused' && wordsChanged(trouble));
}

/**
 * Tell whether the server refused because the person agreed to an older text.
 *
 * @param {Trouble | null} trouble
 */
export function wordsChanged(trouble) {
  return trouble?.slug === 'consent-missing';
}

/**
 * Remove events.
 *
 * @param {QueuedEvent[]} queue
 * @param {string[]} ids
 */
export function without(queue, ids) {
  return queue.filter(({ id }) => !ids.includes(id));
}

/**
 * Send what is due, one after the other, until nothing is due or nobody is signed in.
 *
 * @param {QueuePort} port
 * @param {string} session
 */
export async function deliver(port, session) {
  for (;;) {
    const [event] = due(await port.load(), session, port.now());
    if (!event) return;
    try {
      const answer = await port.send(event);
      await port.change((queue) => acknowledged(queue, event.id, answer));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { trouble } = error;
      if (trouble.slug === SIGNED_OUT) return;
      await port.change((queue) => notAccepted(queue, event.id, trouble, port.now()));
    }
  }
}

/**
 * @param {QueuedEvent[]} queue
 * @param {string} id
 * @param {(event: QueuedEvent) => QueuedEvent} change
 */
function changed(queue, id, change) {
  return queue.map((event) =>
    event.id === id && event.state === 'waiting' ? change(event) : event,
  );
}

/**
 * Forget the oldest settled events; those that wait are never forgotten.
 *
 * @param {QueuedEvent[]} queue
 */
function tidy(queue) {
  const settled = queue.filter(({ state }) => state !== 'waiting').map(({ id }) => id);
  return without(queue, settled.slice(0, Math.max(0, settled.length - SETTLED_KEPT)));
}
