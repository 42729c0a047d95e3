/**
 * The queue at work: what makes events, sends them, and wakes up again for those that wait.
 *
 * @import {QueuedEvent} from './types.js'
 */

import * as api from './api.js';
import { currentSession, withAccess } from './auth.js';
import { showCount } from './badge.js';
import { Problem, signedOut } from './problem.js';
import * as queue from './queue.js';
import { changeQueue, readQueue } from './storage.js';

export const ALARM = 'deliver';

/** The browser does not wake an extension more often. */
const SHORTEST_ALARM_MS = 30_000;

/**
 * Put an event into the queue, try to send it, and return how it stands.
 *
 * @param {Pick<QueuedEvent, 'id' | 'kind' | 'body' | 'title'>} asked
 * @returns {Promise<QueuedEvent>}
 * @throws {Problem} `signed-out`, or `storage-full`: then nothing was stored and nothing is sent.
 */
export async function enqueue({ id, kind, body, title }) {
  const session = await currentSession();
  if (!session) throw signedOut();
  const event = /** @type {QueuedEvent} */ ({
    id,
    kind,
    body,
    title,
    session,
    made_at: new Date().toISOString(),
    attempts: 0,
    due_ms: 0,
    not_before_ms: 0,
    state: 'waiting',
    answer: null,
    trouble: null,
  });
  await chrome.alarms.create(ALARM, { when: Date.now() + SHORTEST_ALARM_MS });
  await changeQueue((events) => queue.withEvent(events, event));
  await deliver();
  return (await readQueue()).find((stored) => stored.id === id) ?? event;
}

/** Send what is due; a second call waits for the first and sends what is left. */
export async function deliver() {
  const session = await currentSession();
  if (session) {
    await navigator.locks
      .request('delivery', () => queue.deliver(portOf(session), session))
      .catch(leaveForLater);
  }
  await wakeUpAgain();
}

/**
 * Leave what could not be noted for lack of room; the alarm tries again.
 *
 * @param {unknown} error
 */
function leaveForLater(error) {
  if (!(error instanceof Problem)) throw error;
}

/** Send everything that the server has not asked to hold back. */
export async function deliverNow() {
  await changeQueue(queue.hurried);
  await deliver();
}

/**
 * Forget events that were seen, or that shall not be sent.
 *
 * @param {string[]} ids
 */
export async function dismiss(ids) {
  await changeQueue((events) => queue.without(events, ids));
  await wakeUpAgain();
}

/**
 * @param {string} session  Whose events are sent, with nobody else's token.
 * @returns {queue.QueuePort}
 */
function portOf(session) {
  return {
    load: readQueue,
    change: changeQueue,
    send: (event) => withAccess((access) => api.send(access, event), session),
    now: () => Date.now(),
  };
}

/** Set the alarm for what waits, and show how much that is on the toolbar button. */
async function wakeUpAgain() {
  const [events, session] = [await readQueue(), await currentSession()];
  await showCount();

  const now = Date.now();
  const due = session ? queue.nextDueMs(events, session, now) : null;
  if (due === null) await chrome.alarms.clear(ALARM);
  else await chrome.alarms.create(ALARM, { when: Math.max(due, now + SHORTEST_ALARM_MS) });
}
