// Prints a number beside the limit that it is compared with.

const MAX_DIGITS = 10;

/** Formats both with as many digits as it takes to tell them apart, so that "31%" is never shown as more than "31%". */
export function formatApart(
  value: number,
  limit: number,
  format: (value: number, digits: number) => string,
  fewest: number,
): [string, string] {
  let digits = fewest;
  while (value !== limit && format(value, digits) === format(limit, digits) && digits < MAX_DIGITS) digits++;
  return [format(value, digits), format(limit, digits)];
}

/** Formats a share in percent, such as `89.6%`. */
export function formatSharePercent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)}%`;
}
