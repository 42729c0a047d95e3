/**
 * Who took a code that was given in person, and waits for the person's word.
 *
 * What is kept is shown at once.  The server is asked only when somebody can be waiting, so that
 * opening this popup tells nobody anything.
 *
 * @import {MeetingOut, Trouble} from '../lib/types.js'
 */

import { announce, button, element } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { Problem, passes } from '../lib/problem.js';
import { local, onChange } from '../lib/storage.js';
import { date, moment, say, sayTrouble, time } from '../lib/words.js';

/** What the server's refusals mean here: by their key, or by what kind they are. */
const REFUSALS = new Map([
  ['too_late', 'metTooLate'],
  ['decided', 'metDecided'],
  ['already-referred', 'metAlready'],
  ['not-found', 'metGone'],
]);

/**
 * What became of the questions that were answered here.
 *
 * @type {Map<string, string>}
 */
const settled = new Map();

/** Counts the answers on their way: meanwhile nothing is drawn anew under somebody's finger. */
let answering = 0;

/**
 * Show who waits, now and whenever that changes.
 *
 * @param {HTMLElement} place
 */
export async function showMeetings(place) {
  onChange('meetings', () => draw(place));
  await draw(place);
  const { meetings, refresh } = await local.these(['meetings', 'refresh']);
  const isMine = refresh && meetings?.session === refresh.session;
  if (isMine && (meetings.meetings.length || meetings.until_ms > Date.now())) await lookForMeetings();
}

/** Ask the server who waits. */
export async function lookForMeetings() {
  await ask('in-person.waiting', null).catch((error) => {
    if (!(error instanceof Problem)) throw error; // what is kept is shown
  });
}

/** @param {HTMLElement} place */
async function draw(place) {
  const { meetings, refresh } = await local.these(['meetings', 'refresh']);
  if (answering) return;
  const waiting = refresh && meetings?.session === refresh.session ? meetings.meetings : [];
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(
    ...[...settled.values()].map((words) =>
      element('p', { 'data-settled': '', tabindex: '-1' }, words),
    ),
    ...waiting.map((meeting) => question(place, meeting)),
  );
  place.hidden = place.childElementCount === 0;
  if (!hadFocus) return;
  const next = place.querySelector('[data-meeting]') ?? place.lastElementChild;
  if (next instanceof HTMLElement) next.focus();
}

/**
 * @param {HTMLElement} place
 * @param {MeetingOut} meeting
 */
function question(place, { id, offer_title, brand, taken_at, decide_until }) {
  const [title, about] = [`met-${id}`, `met-${id}-about`];
  const made = element('div', {
    class: 'stack',
    role: 'group',
    tabindex: '-1',
    'data-meeting': id,
    'aria-labelledby': title,
    'aria-describedby': about,
  });
  const isOver = Date.parse(decide_until) < Date.now();
  const isToday = date(taken_at) === date(new Date().toISOString());
  const asked = isOver
    ? say('metOver', moment(taken_at))
    : isToday
      ? say('metQuestionToday', time(taken_at))
      : say('metQuestion', moment(taken_at));
  const detail = isOver
    ? say('metOverAbout', offer_title, brand)
    : say('metAbout', offer_title, brand, date(decide_until));
  made.append(
    element('p', { id: title }, element('strong', {}, asked)),
    element('p', { id: about, class: 'small' }, detail),
  );
  if (isOver) return made;
  const trouble = element('p', { class: 'trouble', role: 'alert' });
  const decide = async (/** @type {boolean} */ isConfirmed) => {
    trouble.remove();
    const refused = await answered(place, id, isConfirmed);
    if (!refused) return;
    trouble.textContent = refused.status === 401 ? sayTrouble(refused) : say('metKept');
    made.append(trouble);
  };
  const buttons = [
    button(say('metYes'), 'small', () => decide(true)),
    button(say('metNo'), 'small quiet', () => decide(false)),
  ];
  made.append(element('div', { class: 'row' }, ...buttons));
  return made;
}

/**
 * Send the person's word.
 *
 * @param {HTMLElement} place
 * @param {string} id
 * @param {boolean} isConfirmed
 * @returns {Promise<Trouble | null>}  What kept it from arriving, if it can be said again later.
 */
async function answered(place, id, isConfirmed) {
  answering += 1;
  try {
    await ask('in-person.decide', { id, isConfirmed });
    settled.set(id, say(isConfirmed ? 'metConfirmed' : 'metDeclined'));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (passes(error.trouble)) return error.trouble;
    settled.set(id, refusal(error.trouble));
    await lookForMeetings(); // which of them still wait is the server's to say
  } finally {
    answering -= 1;
  }
  await draw(place);
  announce(settled.get(id) ?? '');
  return null;
}

/** @param {Trouble} trouble */
function refusal(trouble) {
  const key = REFUSALS.get(trouble.key) ?? REFUSALS.get(trouble.slug);
  return key ? say(key) : say('metRefused', sayTrouble(trouble));
}
