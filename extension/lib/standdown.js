/**
 * When another affiliate brought the visitor, Fanfare stands down: it offers no link on that
 * brand's site for the rest of the browser's session.
 *
 * The list holds what the networks add to an address when somebody arrives through one of their
 * links.  Click ids of advertisements (`gclid`, `fbclid`, `msclkid`) are not among them: nobody
 * but the brand itself is paid there.
 */

/** Parameter names, in small letters, and the network that adds them. */
export const AFFILIATE_PARAMETERS = new Map([
  ['irclickid', 'Impact'],
  ['irgwc', 'Impact'],
  ['awc', 'Awin'],
  ['sv1', 'Awin'],
  ['zanpid', 'Awin'],
  ['sscid', 'ShareASale'],
  ['ranmid', 'Rakuten'],
  ['raneaid', 'Rakuten'],
  ['ransiteid', 'Rakuten'],
  ['cjevent', 'CJ'],
  ['cjdata', 'CJ'],
  ['clickref', 'Partnerize'],
  ['tduid', 'Tradedoubler'],
  ['wgu', 'Webgains'],
  ['admitad_uid', 'Admitad'],
  ['avad', 'AvantLink'],
  ['fobs', 'FlexOffers'],
  ['pjid', 'Ascend'],
  ['at_gd', 'Adtraction'],
  ['cfclick', 'Commission Factory'],
  ['rfsn', 'Refersion'],
  ['_ef_transaction_id', 'Everflow'],
  ['mkcid', 'eBay'],
]);

/** The sign that publishers agreed on: `afsrc=1` means "an affiliate link, stand down". */
const AGREED_SIGN = 'afsrc';

/**
 * Say whether an address shows that another affiliate brought the visitor.
 *
 * @param {URL} page
 */
export function broughtByAffiliate(page) {
  return [...page.searchParams].some(([name, value]) => {
    const key = name.toLowerCase();
    if (key === AGREED_SIGN) return value === '1';
    return AFFILIATE_PARAMETERS.has(key) && value !== '';
  });
}

/**
 * Decide for one look at a page, and say which domains to stand down on from now on.
 *
 * @param {string[]} domains  The brand domains stood down on so far in this session.
 * @param {string} domain  The brand domain that the page lies on.
 * @param {URL} page
 * @returns {{ standsDown: boolean, domains: string[] }}
 */
export function standDown(domains, domain, page) {
  if (domains.includes(domain)) return { standsDown: true, domains };
  if (!broughtByAffiliate(page)) return { standsDown: false, domains };
  return { standsDown: true, domains: [...domains, domain] };
}
