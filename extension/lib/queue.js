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

/** The server may ask for so long a pause; more than that, and the clock was turned back. */
const LONGEST_PAUSE_MS = 86_400_000;

/** An event that only the server's own mistake keeps back holds up the others so many times. */
const HOLDS_UP_TIMES = 8;

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
 * Return the event that may be sent now, or null.  Events go in the order in which they were made:
 * who says that a friend brought them, and shares after that, says it in this order.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session  The person of now; what others left here waits for them.
 * @param {number} nowMs
 */
export function nextDue(queue, session, nowMs) {
  return turns(queue, session).find((event) => readyMs(event, nowMs) <= nowMs) ?? null;
}

/**
 * Return when the next event may be sent, or null.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session
 * @param {number} nowMs
 */
export function nextDueMs(queue, session, nowMs) {
  const times = turns(queue, session).map((event) => readyMs(event, nowMs));
  return times.length ? Math.min(...times) : null;
}

/**
 * Return what waits for a person, the oldest first; while nobody is signed in, all that waits.
 *
 * @param {QueuedEvent[]} queue
 * @param {string | null} session
 */
export function waitingOf(queue, session) {
  return unsent(queue).filter((event) => session === null || event.session === session);
}

/**
 * Return the oldest event that waits; behind one that the server cannot digest, the next as well.
 *
 * @param {QueuedEvent[]} queue
 * @param {string} session
 */
function turns(queue, session) {
  const waiting = waitingOf(queue, session);
  const last = waiting.findIndex(
    ({ trouble, attempts }) => trouble?.status !== 500 || attempts < HOLDS_UP_TIMES,
  );
  return last === -1 ? waiting : waiting.slice(0, last + 1);
}

/**
 * Return when an event may be sent.  A moment that lies further ahead than any wait was set by a
 * clock that has been turned back since: it does not count.
 *
 * @param {QueuedEvent} event
 * @param {number} nowMs
 */
function readyMs({ due_ms, not_before_ms }, nowMs) {
  return Math.max(
    due_ms > nowMs + LONGEST_WAIT_MS ? 0 : due_ms,
    not_before_ms > nowMs + LONGEST_PAUSE_MS ? 0 : not_before_ms,
  );
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
      not_before_ms: nowMs + Math.min(trouble.retry_after_seconds * 1000, LONGEST_PAUSE_MS),
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
 * Return what stays at sign-out: what waits, for the day when the same person signs in again.
 *
 * @param {QueuedEvent[]} queue
 */
export function unsent(queue) {
  return queue.filter(({ state }) => state === 'waiting');
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
 * Send what is due, one after the other, until nothing is due or the person has signed out.
 *
 * What cannot be noted here is not sent on: the event waits, and the server knows its id.
 *
 * @param {QueuePort} port
 * @param {string} session
 * @throws {Problem} `storage-full`
 */
export async function deliver(port, session) {
  for (;;) {
    const event = nextDue(await port.load(), session, port.now());
    if (!event) return;
    const outcome = await outcomeOf(port, event);
    if ('trouble' in outcome && outcome.trouble.slug === SIGNED_OUT) return;
    await port.change((queue) =>
      'trouble' in outcome
        ? notAccepted(queue, event.id, outcome.trouble, port.now())
        : acknowledged(queue, event.id, outcome.answer),
    );
  }
}

/**
 * @param {QueuePort} port
 * @param {QueuedEvent} event
 * @returns {Promise<{ answer: QueuedEvent['answer'] } | { trouble: Trouble }>}
 */
async function outcomeOf(port, event) {
  try {
    return { answer: await port.send(event) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { trouble: error.trouble };
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
