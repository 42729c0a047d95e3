/**
 * When another affiliate brought the visitor, Fanfare stands down: it offers no link on that
 * brand's site for the rest of the browser's session.
 *
 * The list holds what the networks add to an address when somebody arrives through one of their
 * links.  Click ids of advertisements (`gclid`, `fbclid`, `msclkid`) are not among them: nobody
 * but the brand itself is paid there.  Nor are words that shops use for a hundred things (`ref`,
 * `via`, `source`): standing down without a reason would take from the person what is theirs.
 */

/** Parameter names, in small letters; with any value they say that this network is paid. */
export const AFFILIATE_PARAMETERS = new Map([
  ['irclickid', 'Impact'],
  ['irgwc', 'Impact'],
  ['clickid', 'Impact, Ascend and others'],
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
  ['faid', 'FlexOffers'],
  ['pjid', 'Ascend'],
  ['at_gd', 'Adtraction'],
  ['cfclick', 'Commission Factory'],
  ['belboon', 'Belboon'],
  ['ascsubtag', 'Amazon'],
  ['rfsn', 'Refersion'],
  ['sca_ref', 'UpPromote'],
  ['a_aid', 'Post Affiliate Pro'],
  ['tap_a', 'Tapfiliate'],
  ['fpr', 'FirstPromoter'],
  ['ps_xid', 'PartnerStack'],
  ['ps_partner_key', 'PartnerStack'],
  ['_ef_transaction_id', 'Everflow'],
  ['aff_id', 'TUNE and others'],
  ['affid', 'TUNE and others'],
  ['affiliate_id', 'many'],
]);

/** Parameters that say so with certain values alone, or on certain sites alone. */
const WITH_A_CONDITION = new Map([
  // The sign that publishers agreed on: "an affiliate link, stand down".
  ['afsrc', { value: /^1$/, site: /./ }],
  ['utm_medium', { value: /^(aff|affiliates?|affiliat(e|ion)[-_ ]?\w*)$/i, site: /./ }],
  ['tag', { value: /./, site: /(^|\.)amazon\.(com|[a-z]{2}|(com?)\.[a-z]{2})$/ }],
  // eBay's other channels are advertisements and letters of its own.
  ['mkcid', { value: /^1$/, site: /(^|\.)ebay\.(com|[a-z]{2}|(com?)\.[a-z]{2})$/ }],
  ['tt', { value: /^\d+_\d+_\d+_/, site: /./ }], // TradeTracker
]);

/**
 * Say whether an address shows that another affiliate brought the visitor.
 *
 * @param {URL} page
 */
export function broughtByAffiliate(page) {
  const behindTheHash = new URLSearchParams(page.hash.replace(/^#([^?]*\?)?/, ''));
  return [...page.searchParams, ...behindTheHash].some(([name, value]) => {
    const key = name.toLowerCase();
    const condition = WITH_A_CONDITION.get(key);
    if (condition) return condition.value.test(value) && condition.site.test(page.hostname);
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
