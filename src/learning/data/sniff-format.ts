// Recognises the format of bytes that come without a name, such as standard input, by their first character.

/**
 * The format of a stream: JSON begins with a brace or a bracket, everything else is CSV.
 * @returns the format, and all chunks, those that were looked at included
 */
export async function sniffFormat(
  stream: AsyncIterable<Buffer>,
): Promise<{ readonly format: 'csv' | 'jsonl'; readonly chunks: AsyncIterable<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let start = '';
  while (start === '') {
    const next = await iterator.next();
    if (next.done === true) break;
    seen.push(next.value);
    start = next.value
      .toString('latin1', 0, 1024)
      .replace(/^\xef\xbb\xbf/, '')
      .trimStart();
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* seen.splice(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { format: /^[{[]/.test(start) ? 'jsonl' : 'csv', chunks: chunks() };
}
