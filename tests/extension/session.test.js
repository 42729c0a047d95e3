/** Signing in, tokens and delivery, against a real HTTP server of the test's own. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';

import * as api from '../../extension/lib/api.js';
import * as auth from '../../extension/lib/auth.js';
import * as delivery from '../../extension/lib/delivery.js';
import { keep, keptFor } from '../../extension/lib/kept_offers.js';
import { challengeOf } from '../../extension/lib/pkce.js';
import * as offers from '../../extension/lib/offers.js';
import * as purse from '../../extension/lib/wallet.js';
import { local, readQueue } from '../../extension/lib/storage.js';
import { newBrowser } from './fake_browser.js';
import { event, offer, offers as documentOf } from './make.js';

let browser;
let requests;
let answers;
let whoSignsIn;
const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const { method, url, headers } = request;
  const seen = { method, url, headers, body };
  requests.push(seen);
  const { status = 200, json = null, text, headers: more = {} } = answers(seen, requests.length);
  response.writeHead(status, { 'Content-Type': 'application/json', ...more });
  response.end(status === 204 || status === 304 ? undefined : (text ?? JSON.stringify(json)));
});

const forms = () => requests
  .filter(({ url }) => url.startsWith('/oauth/'))
  .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));

/** A server that rotates tokens and takes the newest access token only. */
function rotating(rest = () => ({ json: { places: [], shares: [] } })) {
  let number = 0;
  return (request, count) => {
    if (request.url === '/oauth/token') {
      number += 1;
      return { json: {
        access_token: `a${number}`, refresh_token: `r${number}`, expires_in: 900, person: whoSignsIn,
      } };
    }
    if (request.url === '/oauth/revoke') return {};
    if (request.headers.authorization !== `Bearer a${number}`) return { status: 401 };
    return rest(request, count);
  };
}

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => server.close());
beforeEach(async () => {
  browser = newBrowser();
  requests = [];
  answers = rotating();
  whoSignsIn = 'ada';
  browser.returnWith = (url) =>
    `https://id.chromiumapp.org/?code=c0de&state=${url.searchParams.get('state')}`;
  await local.write({ server: `http://127.0.0.1:${server.address().port}` });
});

const wallet = () => auth.withAccess((access) => api.wallet(access, 'en'));
const slug = (wanted) => (error) => error.trouble?.slug === wanted;

describe('signing in', () => {
  test('exchanges the code with the verifier of the challenge', async () => {
    let asked;
    const { returnWith } = browser;
    browser.returnWith = (url) => returnWith((asked = url));
    await auth.signIn();
    const [form] = forms();
    assert.equal(form.code, 'c0de');
    assert.equal(await challengeOf(form.code_verifier), asked.searchParams.get('code_challenge'));
    assert.notEqual(await auth.currentSession(), null);
  });

  test('keeps the refresh token on the device and the access token in memory', async () => {
    await auth.signIn();
    assert.equal((await chrome.storage.local.get('refresh')).refresh.token, 'r1');
    assert.equal((await chrome.storage.session.get('access')).access.token, 'a1');
    assert.doesNotMatch(JSON.stringify(await chrome.storage.local.get()), /"a1"/);
  });

  test('refuses an answer to another request', async () => {
    browser.returnWith = () => 'https://id.chromiumapp.org/?code=c0de&state=forged';
    await assert.rejects(auth.signIn(), slug('sign-in-refused'));
    assert.equal(await auth.currentSession(), null);
    assert.deepEqual(forms(), []);
  });

  test('says when the person closed the window', async () => {
    browser.returnWith = () => {
      throw new Error('The user did not approve access.');
    };
    await assert.rejects(auth.signIn(), slug('sign-in-cancelled'));
  });

  test('says when the page of the server did not open', async () => {
    browser.returnWith = () => {
      throw new Error('Authorization page could not be loaded.');
    };
    await assert.rejects(auth.signIn(), slug('sign-in-unreachable'));
  });
});

describe('tokens', () => {
  test('are used without asking again while they are good', async () => {
    await auth.signIn();
    await wallet();
    await wallet();
    assert.equal(forms().length, 1);
  });

  test('are replaced once for many requests at a time', async () => {
    await auth.signIn();
    await chrome.storage.session.clear();
    await Promise.all([wallet(), wallet(), wallet(), wallet()]);
    assert.deepEqual(forms().slice(1).map((form) => form.refresh_token), ['r1']);
  });

  test('that the server no longer takes are replaced once for many requests', async () => {
    await auth.signIn();
    const [expires_ms, session] = [Date.now() + 900_000, await auth.currentSession()];
    const access = { token: 'old', expires_ms, session };
    await chrome.storage.session.set({ access });
    await Promise.all([wallet(), wallet(), wallet()]);
    assert.deepEqual(forms().slice(1).map((form) => form.refresh_token), ['r1']);
  });

  test('that run out within half a minute are replaced before they are used', async () => {
    await auth.signIn();
    const [expires_ms, session] = [Date.now() + 20_000, await auth.currentSession()];
    await chrome.storage.session.set({ access: { token: 'a1', expires_ms, session } });
    await wallet();
    assert.equal(requests.filter(({ url }) => url.includes('/wallet')).length, 1);
    assert.equal(forms().length, 2);
  });

  test('are forgotten when the server has ended the sign-in', async () => {
    await auth.signIn();
    answers = ({ url }) =>
      url === '/oauth/token' ? { status: 400, json: { error: 'invalid_grant' } } : { status: 401 };
    await assert.rejects(wallet(), slug('signed-out'));
    assert.equal(await auth.currentSession(), null);
  });

  for (const status of [429, 500, 503]) {
    test(`are kept when refreshing fails with ${status}`, async () => {
      await auth.signIn();
      await chrome.storage.session.clear();
      answers = () => ({ status });
      await assert.rejects(wallet());
      assert.equal((await local.read('refresh')).token, 'r1');
    });
  }

  test('of somebody who was here before are used for nobody else', async () => {
    const access = { token: 'adas', expires_ms: Date.now() + 900_000, session: 'ada' };
    await chrome.storage.session.set({ access });
    await local.write({ refresh: { token: 'r0', session: 'bela' } });
    await wallet();
    assert.equal(requests.some(({ headers }) => headers.authorization === 'Bearer adas'), false);
  });

  test('are ended on the server at sign-out, and the person is forgotten', async () => {
    await auth.signIn();
    await local.write({ queue: [event('a', { state: 'refused' })], 'offers.255': [] });
    await keep({ etag: '', document: documentOf(offer()) });
    await auth.signOut();
    assert.equal(forms().at(-1).token, 'r1');
    assert.deepEqual(Object.keys(await chrome.storage.local.get()), ['server']);
    assert.deepEqual(await chrome.storage.session.get(), {});
  });

  test('end with the person, and standing down with the browser', async () => {
    await auth.signIn();
    await chrome.storage.session.set({ stood_down: ['berta.example'], settled_visits: ['v'] });
    await auth.signOut();
    assert.deepEqual(await chrome.storage.session.get(), { stood_down: ['berta.example'] });
  });

  test('are forgotten at sign-out even when the server cannot be reached', async () => {
    await auth.signIn();
    answers = () => ({ status: 503 });
    await auth.signOut();
    assert.equal(await auth.currentSession(), null);
  });

  test('tie the extension to the server that gave them', async () => {
    await auth.signIn();
    await assert.rejects(auth.chooseServer('https://other.example'), slug('signed-in'));
  });
});

describe('delivery', () => {
  const ask = { id: 'e1', kind: 'share', title: 'Boots', body: { ...event('e1').body } };

  test('sends a share with its id, its time and nothing else', async () => {
    await auth.signIn();
    answers = (request) => ({ status: 201, json: { code: 'abc' } });
    const made = await delivery.enqueue(ask);
    assert.equal(made.answer.code, 'abc');
    const { method, url, body, headers } = requests.at(-1);
    assert.deepEqual([method, url], ['POST', '/api/extension/v1/shares']);
    assert.equal(headers.cookie, undefined);
    assert.deepEqual(JSON.parse(body), { event_id: 'e1', ...ask.body, created_at: made.made_at });
    assert.equal(browser.alarms.size, 0);
  });

  test('wakes up again for what waits, and shows how much that is', async () => {
    await auth.signIn();
    answers = rotating(() => ({ status: 503 }));
    const made = await delivery.enqueue(ask);
    assert.equal(made.state, 'waiting');
    assert.equal(browser.badge, '1');
    assert.ok(browser.alarms.get(delivery.ALARM) >= Date.now() + 29_000);
  });

  test('keeps what waits when the sign-in ended, until the same person is back', async () => {
    await auth.signIn();
    answers = ({ url }) =>
      url === '/oauth/token' ? { status: 400, json: { error: 'invalid_grant' } } : { status: 401 };
    assert.equal((await delivery.enqueue(ask)).state, 'waiting');

    answers = rotating(() => ({ status: 201, json: { code: 'abc' } }));
    await auth.signIn();
    await delivery.deliverNow();
    assert.equal((await readQueue())[0].state, 'acknowledged');
  });

  test('sends what waits after a sign-out only for whom it was made', async () => {
    await auth.signIn();
    answers = rotating(() => ({ status: 503 }));
    await delivery.enqueue(ask);
    await auth.signOut();
    assert.deepEqual((await readQueue()).map(({ id }) => id), ['e1']);

    answers = rotating(() => ({ status: 201, json: { code: 'abc' } }));
    whoSignsIn = 'bela';
    await auth.signIn();
    requests = [];
    await delivery.deliverNow();
    assert.deepEqual(requests, []);
    assert.deepEqual([browser.badge, browser.alarms.size], ['', 0]);
    await auth.signOut();

    whoSignsIn = 'ada';
    await auth.signIn();
    await delivery.deliverNow();
    assert.equal((await readQueue())[0].state, 'acknowledged');
  });

  test('never sends with the token of somebody who signed in meanwhile', async () => {
    await auth.signIn();
    const adas = await auth.currentSession();
    await local.write({ queue: [event('a', { session: adas }), event('b', { session: adas })] });
    await auth.withAccess(api.wallet);
    answers = rotating(() => ({ status: 201, json: { code: 'abc' } }));
    const before = answers;
    answers = (request, count) => {
      if (request.url.endsWith('/shares')) {
        chrome.storage.local.set({ refresh: { token: 'r9', session: 'bela' } });
      }
      return before(request, count);
    };
    await delivery.deliver();
    const sent = requests.filter(({ url }) => url.endsWith('/shares'));
    assert.deepEqual(new Set(sent.map(({ body }) => JSON.parse(body).event_id)), new Set(['a']));
  });

  test('goes to no other server than that of whom it was made for', async () => {
    await auth.signIn();
    answers = rotating(() => ({ status: 503 }));
    await delivery.enqueue(ask);
    await auth.signOut();
    await auth.chooseServer(`http://localhost:${server.address().port}`);
    answers = rotating(() => ({ status: 201, json: { code: 'abc' } }));
    await auth.signIn();
    await delivery.deliverNow();
    assert.equal((await readQueue())[0].state, 'waiting');
  });

  test('says that there is no room, stores nothing and sends nothing', async () => {
    await auth.signIn();
    browser.isFull = true;
    await assert.rejects(delivery.enqueue(ask), slug('storage-full'));
    browser.isFull = false;
    assert.deepEqual(await readQueue(), []);
    assert.equal(requests.some(({ url }) => url.endsWith('/shares')), false);
  });

  test('makes room by forgetting the offers, which can be fetched again', async () => {
    await auth.signIn();
    await keep({ etag: '"1"', document: documentOf(offer()) });
    browser.isFullWhile = (values) => 'offers.0' in values;
    answers = () => ({ status: 201, json: { code: 'abc' } });
    assert.equal((await delivery.enqueue(ask)).state, 'acknowledged');
    assert.equal(await local.read('offers'), undefined);
    assert.equal(await local.read('offers.0'), undefined);
  });

  test('asks again later when there was no room for the answer, and is answered the same', async () => {
    await auth.signIn();
    answers = () => {
      browser.isFull = true;
      return { status: 201, json: { code: 'abc' } };
    };
    assert.equal((await delivery.enqueue(ask)).state, 'waiting');
    assert.equal(requests.filter(({ url }) => url.endsWith('/shares')).length, 1);
    assert.ok(browser.alarms.get(delivery.ALARM) >= Date.now() + 29_000);

    browser.isFull = false;
    answers = () => ({ status: 200, json: { code: 'abc' } });
    await delivery.deliver();
    assert.equal((await readQueue())[0].answer.code, 'abc');
    const ids = requests
      .filter(({ url }) => url.endsWith('/shares'))
      .map(({ body }) => JSON.parse(body).event_id);
    assert.deepEqual(ids, ['e1', 'e1']);
  });

  test('says no later time than the clock of now, which may have been turned back', async () => {
    await auth.signIn();
    const [made_at, session] = ['2099-01-01T00:00:00.000Z', await auth.currentSession()];
    await local.write({ queue: [event('a', { made_at, session })] });
    answers = () => ({ status: 201, json: { code: 'abc' } });
    await delivery.deliver();
    const { created_at } = JSON.parse(requests.at(-1).body);
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 10_000);
  });

  test('of two at a time sends each event once', async () => {
    await auth.signIn();
    answers = () => ({ status: 201, json: { code: 'abc' } });
    await local.write({ queue: [event('a', { session: await auth.currentSession() })] });
    await Promise.all([delivery.deliver(), delivery.deliver()]);
    assert.equal(requests.filter(({ url }) => url.endsWith('/shares')).length, 1);
  });

  test('loses no event when many are made at a time', async () => {
    await auth.signIn();
    answers = rotating(() => ({ status: 503 }));
    const ids = Array.from({ length: 10 }, (_, n) => `e${n}`);
    await Promise.all(ids.map((id) => delivery.enqueue({ ...ask, id })));
    assert.deepEqual((await readQueue()).map(({ id }) => id), ids);
  });

  test("takes a network's login page for no answer", async () => {
    await auth.signIn();
    answers = rotating(() => ({ text: '<h1>Welcome to our wifi</h1>' }));
    const made = await delivery.enqueue(ask);
    assert.deepEqual([made.state, made.trouble.slug], ['waiting', 'not-understood']);
  });

  test('follows no redirect with the token', async () => {
    await auth.signIn();
    answers = rotating(() => ({ status: 302, headers: { Location: '/elsewhere' } }));
    const made = await delivery.enqueue(ask);
    assert.deepEqual([made.state, made.trouble.slug], ['waiting', 'offline']);
    assert.equal(requests.some(({ url }) => url === '/elsewhere'), false);
  });

  test('posts a withdrawal to the link and needs no answer', async () => {
    await auth.signIn();
    answers = () => ({ status: 204 });
    const made = await delivery.enqueue({
      id: 'e2', kind: 'withdrawal', title: 'Boots', body: { code: 'a/b' },
    });
    assert.equal(made.state, 'acknowledged');
    assert.equal(requests.at(-1).url, '/api/extension/v1/shares/a%2Fb/withdrawal');
    assert.equal(requests.at(-1).body, '');
  });

  test('needs somebody signed in', async () => {
    await assert.rejects(delivery.enqueue(ask), slug('signed-out'));
    assert.deepEqual(await readQueue(), []);
  });
});

describe('offers', () => {
  const keptHere = async () =>
    keptFor(await local.read('offers'), 'https://shop.berta.example/boots');

  test('are fetched once and then only when they changed', async () => {
    await auth.signIn();
    answers = ({ headers }) => headers['if-none-match'] === '"1"'
      ? { status: 304 }
      : { json: documentOf(offer()), headers: { ETag: '"1"' } };
    assert.deepEqual(await offers.refresh(), { unkept: null, trouble: null });
    assert.deepEqual(await offers.refresh(), { unkept: null, trouble: null });
    assert.deepEqual(await keptHere(), documentOf(offer()));
    assert.equal(requests.at(-1).headers['if-none-match'], '"1"');
  });

  test('are kept for when the server cannot answer', async () => {
    await auth.signIn();
    answers = () => ({ json: documentOf(offer()), headers: { ETag: '"1"' } });
    await offers.refresh();
    answers = () => ({ status: 503 });
    assert.equal((await offers.refresh()).trouble.status, 503);
    assert.deepEqual(await keptHere(), documentOf(offer()));
  });

  test('are handed over when there is no room to keep them', async () => {
    await auth.signIn();
    answers = () => ({ json: documentOf(offer()), headers: { ETag: '"1"' } });
    browser.isFull = true;
    assert.deepEqual(await offers.refresh(), { unkept: documentOf(offer()), trouble: null });
    assert.equal(await keptHere(), null);
  });

  test('that ended leave nothing behind', async () => {
    const many = Array.from({ length: 120 }, (_, number) => offer({ hosts: [`b${number}.example`] }));
    await keep({ etag: '"1"', document: documentOf(...many) });
    assert.notEqual(await local.read('offers.2'), undefined);
    await keep({ etag: '"2"', document: documentOf(offer()) });
    const names = Object.keys(await chrome.storage.local.get());
    assert.deepEqual(names.filter((name) => name.startsWith('offers')), ['offers', 'offers.0']);
    assert.deepEqual((await local.read('offers.0'))[0].hosts, ['berta.example']);
  });
});

test('the page address is in no request', async () => {
  await auth.signIn();
  await wallet();
  for (const { headers } of requests) assert.equal(headers.referer, undefined);
});

describe('the wallet', () => {
  const asked = () => requests.filter(({ url }) => url.startsWith('/api/extension/v1/wallet')).length;

  test('is asked for once in a quarter of an hour, and again after a share', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await auth.signIn();
    for (const _page of [1, 2, 3]) await purse.recent();
    assert.equal(asked(), 1);

    t.mock.timers.setTime(Date.now() + 15 * 60_000);
    await purse.recent();
    assert.equal(asked(), 2);

    await purse.outdate();
    await purse.recent();
    assert.equal(asked(), 3);
  });

  test('is asked for whenever somebody looks at it, and after a clock was turned back', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await auth.signIn();
    await purse.fresh();
    await purse.fresh();
    t.mock.timers.setTime(Date.now() - 60_000);
    await purse.recent();
    assert.equal(asked(), 3);
  });

  test('of one person is not shown to the next', async () => {
    await auth.signIn();
    await purse.recent();
    await auth.signOut();
    whoSignsIn = 'bela';
    await auth.signIn();
    await purse.recent();
    assert.equal(asked(), 2);
  });
});
