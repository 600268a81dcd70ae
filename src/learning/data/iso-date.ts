// Parses the dates of files into YYYY-MM-DD or null. It does not use Date.parse, whose reading of "May 2, 2017" depends
// on the machine's time zone. Month names are English; 03/05/2017 gives null because the order is ambiguous.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Reads "2017-05-02…", "May 2, 2017", "2 May 2017" and "2-May-17". */
export function parseIsoDate(text: string): string | null {
  const trimmed = text.trim().slice(0, 60);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:$|[T ])/.exec(trimmed);
  if (iso !== null) return formatDate(iso[1], iso[2], iso[3]);
  const monthFirst = /^(\p{L}{3,9})\.? (\d{1,2}),? (\d{4})$/u.exec(trimmed);
  if (monthFirst !== null) return formatDate(monthFirst[3], monthNumber(monthFirst[1]), monthFirst[2]);
  const dayFirst = /^(\d{1,2})[- ](\p{L}{3,9})\.?[- ](\d{2}|\d{4})$/u.exec(trimmed);
  if (dayFirst !== null)
    return formatDate(fullYear(dayFirst[3] ?? ''), monthNumber(dayFirst[2]), dayFirst[1]);
  return null;
}

function monthNumber(name: string | undefined): string {
  return String(MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1);
}

/** Expands two digits as POSIX strptime does: 69 to 99 are 19xx. */
function fullYear(digits: string): string {
  return digits.length === 4 ? digits : `${Number(digits) >= 69 ? '19' : '20'}${digits}`;
}

function formatDate(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): string | null {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const valid = m >= 1 && m <= 12 && d >= 1 && d <= new Date(Date.UTC(y, m, 0)).getUTCDate();
  return valid
    ? `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`
    : null;
}
