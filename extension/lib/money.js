/** Money as people read it: a whole number of minor units and a currency, never a float. */

/**
 * Write an amount in the reader's language.
 *
 * @param {number} amountMinor  A whole number.
 * @param {string} currency  ISO 4217.
 * @param {string} [language]
 * @param {Intl.NumberFormatOptions} [how]  More about the form.
 */
export function money(amountMinor, currency, language, how = {}) {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency, ...how });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(/** @type {`${number}`} */ (decimal(amountMinor, digits)));
}

/**
 * Write basis points as a percentage in the reader's language.
 *
 * @param {number} basisPoints  A whole number.
 * @param {string} [language]
 */
export function percent(basisPoints, language) {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 });
  return format.format(/** @type {`${number}`} */ (decimal(basisPoints, 4)));
}

/**
 * Write minor units as a decimal text, which Intl formats exactly.
 *
 * @param {number} amountMinor
 * @param {number} digits
 */
export function decimal(amountMinor, digits) {
  const sign = amountMinor < 0 ? '-' : '';
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}
