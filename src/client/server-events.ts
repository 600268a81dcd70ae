// Reads a stream of server-sent events. EventSource cannot send an API key, so the client reads the stream itself.
// Source: WHATWG HTML, section 9.2 (fields id, event and data; a line that begins with a colon is a comment).
import { readResponseLines } from './line-stream.ts';

/** Yields the data of each event. Every event of our server has one line of data. @param onAlive  called at each line */
export async function* readServerEvents(response: Response, onAlive?: () => void): AsyncGenerator<string> {
  for await (const line of readResponseLines(response)) {
    onAlive?.();
    if (line.startsWith('data:')) yield line.slice('data:'.length).trimStart();
  }
}
