// Addresses as messages show them: without logins and signatures.

/** Hides what stands between `://` and the last `@`, and the query, which may be a signature. A path of this machine stays as it is. */
export function hideLogin(url: string): string {
  if (/^file:/i.test(url) || !url.includes('://')) return url;
  return url.replace(/(?<=:\/\/).*@/s, '…@').replace(/\?.*$/s, '?…');
}
