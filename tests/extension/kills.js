/**
 * A browser that stops the extension's worker at any step, and what must hold afterwards.
 *
 * A step is one call of the browser or of the server.  The worker is stopped *before* a step (it
 * did not happen) or *after* it (it happened, and nobody heard of it).  Then only what a real
 * browser does goes on: the popup, if it is still open, asks again; alarms that were set go off.
 */

import { mock } from 'node:test';

import * as auth from '../../extension/lib/auth.js';
import * as delivery from '../../extension/lib/delivery.js';
import { readQueue } from '../../extension/lib/storage.js';
import { newBrowser } from './fake_browser.js';

const MOST_ALARMS = 30;

/**
 * @typedef {object} World  The server, and how somebody signs in there.
 * @property {typeof fetch} fetch
 * @property {() => Promise<unknown>} signIn
 *
 * @typedef {{ at: number, mode: 'before' | 'after', popup: 'stays' | 'closes' }} Kill
 */

/**
 * Let a story happen with one kill, and then let the browser go on until nothing waits.
 *
 * @param {World} world
 * @param {(world: World) => ((() => Promise<unknown>) & { isEvent?: boolean })[]} story  What the
 *   person asks, one by one; a popup that closes asks for no event again.
 * @param {Kill | null} kill
 */
export async function live(world, story, kill) {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const kept = globalThis.fetch;
  try {
    return await told(world, story, kill);
  } finally {
    globalThis.fetch = kept;
    mock.timers.reset();
  }
}

async function told(world, story, kill) {
  const browser = newBrowser();
  browser.returnWith = (url) =>
    `https://id.chromiumapp.org/?code=c0de&state=${url.searchParams.get('state')}`;
  globalThis.fetch = (address, options) =>
    browser.mind('fetch', () => world.fetch(address, options)).then((answer) => heard(browser, answer));
  await world.signIn();
  await chrome.storage.session.clear(); // so that the story begins with an old access token

  const steps = [];
  /** @type {Promise<'died'>} */
  const death = new Promise((resolve) => {
    browser.mind = mindThatStops(steps, kill, () => resolve('died'));
  });
  let isKilled = false;
  for (const ask of story(world)) {
    const asked = patiently(world, ask);
    const end = isKilled ? await asked : await Promise.race([asked, death]);
    if (end !== 'died') continue;
    isKilled = true;
    startAgain(browser);
    if (kill?.popup === 'stays' || !ask.isEvent) await patiently(world, ask);
  }
  browser.mind = async (_name, act) => act();
  await goOn(browser, world);
  return { steps, isKilled, queue: await readQueue(), badge: browser.badge };
}

/** Ask as a person does: who turns out to be signed out signs in and asks again. */
async function patiently(world, ask) {
  try {
    return await ask();
  } catch (error) {
    if (error.trouble?.slug !== 'signed-out') throw error;
    await world.signIn();
    return ask();
  }
}

/** Let the alarms that are set go off, until none is; who is signed out signs in. */
async function goOn(browser, world) {
  for (let times = 0; times < MOST_ALARMS; times += 1) {
    if (!(await auth.currentSession())) await world.signIn().then(delivery.deliver);
    const when = browser.alarms.get(delivery.ALARM);
    if (when === undefined) return;
    browser.alarms.delete(delivery.ALARM); // the browser forgets an alarm that goes off
    mock.timers.setTime(Math.max(Date.now(), when));
    await delivery.deliver();
  }
}

function startAgain(browser) {
  browser.newWorker();
  browser.mind = async (_name, act) => act();
}

function mindThatStops(steps, kill, tell) {
  let isDead = false;
  const stop = () => {
    isDead = true;
    tell('died');
    return new Promise(() => undefined);
  };
  return async (name, act) => {
    if (isDead) return new Promise(() => undefined);
    steps.push(name);
    const isTheOne = steps.length === kill?.at;
    if (isTheOne && kill.mode === 'before') return stop();
    const [outcome] = await Promise.allSettled([(async () => act())()]);
    if (isTheOne) return stop();
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };
}

/** An answer whose body arrives in one more step. */
function heard(browser, answer) {
  const { ok, status, headers } = answer;
  const read = (how) => () => browser.mind(`fetch ${how}`, () => answer[how]());
  return { ok, status, headers, json: read('json'), text: read('text') };
}
