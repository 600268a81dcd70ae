// Finds long runs of characters without a break, and headers of private keys, in bytes that arrive in pieces. Prose has few
// such runs: the scanner looks at every 12th byte and walks along a run only where it hits one.
import { PRIVATE_KEY, recogniseSecret, SERVICE_ACCOUNT, type SecretKind } from './secret-kinds.ts';

/** That of the shortest password that is found. */
const MIN_RUN = 12;
/** A longer run is examined in pieces that overlap. */
const MAX_RUN = 1 << 16;
const OVERLAP = 256;
/** What stands before a run and may name it. */
const CONTEXT = 160;
const HEADER = '-----BEGIN ';
/** How far a key may start after its header. */
const KEY_DISTANCE = 400;

/** 1: a byte that a run may hold: printable ASCII without space, quotes, comma, semicolon, brackets, bar and backslash. */
const inRun = new Uint8Array(256);
for (let byte = 0x21; byte < 0x7f; byte++)
  if (!'"\'`,;<>(){}[]|\\'.includes(String.fromCharCode(byte))) inRun[byte] = 1;

export class RunScanner {
  private readonly found: (offset: number, kind: SecretKind) => void;
  /** The end of what arrived that is still needed, where it starts, and how much of it is examined. */
  private rest = Buffer.alloc(0);
  private start = 0;
  private examined = 0;

  /** @param found  gets the offset of each secret in the bytes; the same one may come twice */
  constructor(found: (offset: number, kind: SecretKind) => void) {
    this.found = found;
  }

  push(piece: Buffer): void {
    this.examine(this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]), false);
  }

  end(): void {
    this.examine(this.rest, true);
  }

  private examine(bytes: Buffer, isLast: boolean): void {
    const until = Math.min(this.examineRuns(bytes, isLast), this.examineHeaders(bytes, isLast));
    const keep = Math.max(0, until - CONTEXT);
    this.rest = Buffer.from(bytes.subarray(keep)); // a copy: a stream may use its buffer again
    this.start += keep;
    this.examined = until - keep;
  }

  /** @returns where the bytes start that need what follows */
  private examineRuns(bytes: Buffer, isLast: boolean): number {
    const { length } = bytes;
    let floor = this.examined;
    let at = floor + MIN_RUN - 1;
    while (at < length) {
      if (inRun[bytes[at] as number] === 0) {
        floor = at + 1;
        at += MIN_RUN;
        continue;
      }
      let start = at;
      while (start > floor && inRun[bytes[start - 1] as number] === 1) start--;
      let end = at + 1;
      const limit = Math.min(length, start + MAX_RUN);
      while (end < limit && inRun[bytes[end] as number] === 1) end++;
      if (end === length && !isLast && end - start < MAX_RUN) return start;
      if (end - start >= MIN_RUN) this.examineRun(bytes, start, end);
      floor = end - start === MAX_RUN ? end - OVERLAP : end;
      at = end + MIN_RUN - 1;
    }
    return Math.min(floor, length);
  }

  private examineRun(bytes: Buffer, from: number, end: number): void {
    const isEscaped = bytes[from - 1] === 0x5c && 'nrt'.includes(String.fromCharCode(bytes[from] as number));
    const start = isEscaped ? from + 1 : from; // after \n of JSON
    const run = bytes.toString('latin1', start, end);
    const before = lineBefore(bytes, start);
    const kind = recogniseSecret(run, before, bytes.toString('latin1', end, end + 1));
    if (kind !== undefined) this.found(this.start + start, kind);
  }

  private examineHeaders(bytes: Buffer, isLast: boolean): number {
    let at = bytes.indexOf(HEADER);
    while (at >= 0) {
      if (at + KEY_DISTANCE > bytes.length && !isLast) return at;
      const kind = recogniseKeyBlock(bytes.toString('latin1', at, at + KEY_DISTANCE), lineBefore(bytes, at));
      if (kind !== undefined) this.found(this.start + at, kind);
      at = bytes.indexOf(HEADER, at + HEADER.length);
    }
    return bytes.length;
  }
}

function lineBefore(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1', Math.max(0, at - CONTEXT), at);
  return text.slice(text.lastIndexOf('\n') + 1);
}

const KEY_HEADER = /^-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
/** The key after its header: line breaks (of JSON too), fields such as `Proc-Type: 4,ENCRYPTED`, then base64. */
const KEY_BODY =
  /^(?:\s|\\[nr]|["'+,])*(?:(?:[A-Z][\w-]+: [^\n\\]*(?:\\n|\r?\n))+(?:\s|\\[nr])*)?[A-Za-z0-9+/=]{16}/;

/** A header in the middle of a sentence is no key; one alone on its line, or with a key after it, is one. */
function recogniseKeyBlock(text: string, before: string): SecretKind | undefined {
  const header = KEY_HEADER.exec(text)?.[0];
  if (header === undefined) return undefined;
  const after = text.slice(header.length);
  const isField = /"private_key"\s*:\s*"$/.test(before);
  const isAlone = isField || before.trim() === '';
  if (!(isAlone && /^(?:\r?\n|\\r\\n|\\n)[ \t]*[A-Za-z0-9+/]{3}/.test(after)) && !KEY_BODY.test(after))
    return undefined;
  return isField ? SERVICE_ACCOUNT : PRIVATE_KEY;
}
