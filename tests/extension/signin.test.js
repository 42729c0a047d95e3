/** How a sign-in can fail and end, and what is said then; nothing that waits is ever lost. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';

import * as auth from '../../extension/lib/auth.js';
import * as delivery from '../../extension/lib/delivery.js';
import { local, readQueue, session } from '../../extension/lib/storage.js';
import { sayTrouble } from '../../extension/lib/words.js';
import * as wallet from '../../extension/lib/wallet.js';
import { newBrowser } from './fake_browser.js';
import { event } from './make.js';

const MESSAGES = JSON.parse(
  readFileSync(new URL('../../extension/_locales/en/messages.json', import.meta.url), 'utf8'),
);
const HTML = { text: '<h1>Welcome to our wifi</h1>' };

let browser;
let answers;
let windows;
const server = createServer((request, response) => {
  const { status = 200, json = null, text } = answers(request.url);
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(text ?? JSON.stringify(json));
});

/** A Fanfare server, with other answers at some addresses. */
const fanfare = (changes = {}) => (url) => {
  const path = new URL(url, 'http://server').pathname;
  if (path in changes) return changes[path];
  if (path !== '/oauth/token') return { status: 401, json: { type: '/problems/not-signed-in' } };
  return { json: { access_token: 'a', refresh_token: 'r', expires_in: 900, person: 'ada' } };
};
const token = (answer) => fanfare({ '/oauth/token': answer });

before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined))));
after(() => server.close());
beforeEach(async () => {
  browser = newBrowser();
  answers = fanfare();
  windows = 0;
  browser.returnWith = (url) => {
    windows += 1;
    return `https://id.chromiumapp.org/?code=c&state=${url.searchParams.get('state')}`;
  };
  await local.write({ server: `http://127.0.0.1:${server.address().port}`, queue: [event('e1')] });
});

/** Return what a person reads when something fails, in English. */
async function said(act) {
  const error = await act().then(() => assert.fail('it worked'), (failed) => failed);
  const key = sayTrouble(error.trouble);
  assert.ok(key in MESSAGES, `${key} is not a sentence of ours`);
  return MESSAGES[key].message;
}

describe('signing in', () => {
  for (const [what, change, words, opened] of [
    ['a closed window', () => failWindow('The user did not approve access.'), /was not finished/, 1],
    ['a page that does not open', () => failWindow('Authorization page could not be loaded.'), /could not be opened/, 1],
    ['a person who says no', () => (browser.returnWith = (url) => back(url, 'error=access_denied')), /was not finished/, 0],
    ['a forged answer', () => (browser.returnWith = () => 'https://id.chromiumapp.org/?code=c&state=x'), /did not accept/, 0],
    ['no server at all', () => local.write({ server: 'http://127.0.0.1:1' }), /No Fanfare server answers/, 0],
    ['another website', () => (answers = () => HTML), /not a Fanfare server/, 0],
    ['a website without such a page', () => (answers = () => ({ status: 404, ...HTML })), /not a Fanfare server/, 0],
    ['a server in trouble', () => (answers = () => ({ status: 503 })), /has trouble/, 0],
    ['a server with too much to do', () => (answers = () => ({ status: 429 })), /has trouble/, 0],
    ['a server that fails over the code', () => (answers = token({ status: 500 })), /has trouble/, 1],
    ['a code that was used before', () => (answers = token({ status: 400, json: { error: 'invalid_grant' } })), /did not accept/, 1],
    ['an unknown extension', () => (answers = token({ status: 401, json: { error: 'invalid_client' } })), /did not accept/, 1],
  ]) {
    test(`with ${what} says so, says what to do, and loses nothing`, async () => {
      await change();
      const sentence = await said(auth.signIn);
      assert.match(sentence, words);
      assert.match(sentence, /check|correct|try|again|start|whenever/i);
      assert.equal(windows, opened);
      assert.equal(await auth.currentSession(), null);
      assert.deepEqual((await readQueue()).map(({ id, state }) => [id, state]), [['e1', 'waiting']]);
    });
  }

  function failWindow(words) {
    browser.returnWith = () => {
      windows += 1;
      throw new Error(words);
    };
  }

  const back = (url, told) =>
    `https://id.chromiumapp.org/?${told}&state=${url.searchParams.get('state')}`;
});

describe('a sign-in', () => {
  beforeEach(async () => {
    await auth.signIn();
    await chrome.storage.session.remove('access');
  });

  for (const [what, answer] of [
    ['revoked', { status: 400, json: { error: 'invalid_grant' } }],
    ['revoked, said with 401', { status: 401, json: { error: 'invalid_grant' } }],
    ['whose token was used twice', { status: 400, json: { error: 'invalid_grant', error_description: 'reuse' } }],
    ['of an extension that is no longer known', { status: 401, json: { error: 'invalid_client' } }],
  ]) {
    test(`${what} is over, is said to be, and leaves what waits`, async () => {
      answers = token(answer);
      assert.match(await said(wallet.fresh), /Sign in to go on; what waits/);
      assert.equal(await auth.currentSession(), null);
      assert.equal(await session.read('sign_in_ended'), true);
      assert.equal((await readQueue())[0].state, 'waiting');

      answers = fanfare();
      await auth.signIn();
      assert.equal(await session.read('sign_in_ended'), undefined);
    });
  }

  for (const [what, answer, words] of [
    ['a server in trouble', { status: 503 }, /has trouble/],
    ['a network that answers in its place', { status: 403, ...HTML }, /answered in its place/],
    ['a network that answers with a page', HTML, /answered in its place/],
    ['a server that was moved', { status: 404, ...HTML }, /answered in its place/],
  ]) {
    test(`outlives ${what}`, async () => {
      answers = token(answer);
      assert.match(await said(wallet.fresh), words);
      assert.notEqual(await auth.currentSession(), null);
      assert.equal((await readQueue())[0].state, 'waiting');
    });
  }
});

test("a share that a network answers in the server's place is not refused, it waits", async () => {
  await auth.signIn();
  answers = fanfare({ '/api/extension/v1/shares': { status: 403, ...HTML } });
  const made = await delivery.enqueue({ ...event('e2'), id: 'e2' });
  assert.deepEqual([made.state, made.trouble.slug], ['waiting', 'not-understood']);
});

test('a sign-in that the person ends is not said to be ended by the server', async () => {
  await auth.signIn();
  await auth.signOut();
  assert.equal(await session.read('sign_in_ended'), undefined);
});

test('the wallet is asked for in the language of the person, and kept', async () => {
  const seen = [];
  const ours = fanfare({ '/api/extension/v1/wallet': { json: { places: [], shares: [] } } });
  answers = (url) => (seen.push(url), ours(url));
  await auth.signIn();
  await wallet.fresh();
  assert.equal(seen.at(-1), '/api/extension/v1/wallet?language=de');
  assert.deepEqual(await local.read('wallet'), { places: [], shares: [] });
});
