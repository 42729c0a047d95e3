/**
 * How long it takes to find a page's offers among ten thousand, beside the loop that one would
 * write first: `node tests/bench/matching.js`.
 */

import { offersFor } from '../../extension/lib/match.js';
import { offer, offers } from '../extension/make.js';

const OFFERS = 10_000;
const ROUNDS = 60;

/** Look for a page's offers by reading the address of every host, as one would write it first. */
export function naively(document, address) {
  const page = new URL(address);
  return document.offers.filter(({ hosts }) =>
    hosts.some((host) => {
      const wanted = new URL(`${page.protocol}//${host}/`);
      const { hostname } = wanted;
      const isBelow = page.hostname.endsWith(`.${hostname}`);
      return wanted.port === page.port && (page.hostname === hostname || isBelow);
    }),
  );
}

/** Measure both on the same offers; milliseconds, the best of some rounds. */
export function measured() {
  const document = offers(
    ...Array.from({ length: OFFERS }, (_, number) =>
      offer({
        id: String(number),
        hosts: [`brand-${number}.example`, `shop.brand-${number}.co.uk`],
        page_url: `https://brand-${number}.example/boots`,
      }),
    ),
  );
  const address = 'https://www.brand-7777.example/boots/winter?size=43';
  const [found] = offersFor(document, address);
  const [foundNaively] = naively(document, address);
  if (found?.id !== '7777' || foundNaively?.id !== '7777') throw new Error('not found');
  return {
    offers: OFFERS,
    ours: best(ROUNDS, () => offersFor(document, address)),
    elsewhere: best(ROUNDS, () => offersFor(document, 'https://news.example/a/b')),
    naive: best(10, () => naively(document, address)),
  };
}

function best(rounds, act) {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    act();
    least = Math.min(least, performance.now() - begun);
  }
  return least;
}

/** Say what was measured in one line. */
export function told({ offers: count, ours, elsewhere, naive }) {
  const ms = (value) => `${value.toFixed(2)} ms`;
  const times = Math.round(naive / ours);
  return `${count} offers: ${ms(ours)}, on another page ${ms(elsewhere)}; naively ${ms(naive)}, ${times} times as long`;
}

if (process.argv[1] === import.meta.filename) console.log(told(measured()));
