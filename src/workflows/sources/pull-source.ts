// `data pull NAME`: fetches the files of a known dataset, checks their sizes and md5, and puts them into its folder. Files that are
// there are checked and left alone. A file appears under its name only when it is whole and right.
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import {
  appError,
  asDiskError,
  createTemporaryName,
  formatMegabytes,
  hashFile,
  hideLogin,
  isAppError,
  makeFolder,
  readFileKind,
  resolveUserPath,
} from '../../foundation/core/index.ts';
import { openZip } from '../../learning/data/index.ts';
import { downloadUrl } from '../../learning/hub/index.ts';
import { loadSourceConfig, type SourceConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface PulledSource {
  readonly source: string;
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly md5: string;
    /** Whether this call fetched it; otherwise it was there. */
    readonly fetched: boolean;
  }[];
  readonly seconds: number;
  /** The command to run next; null: none is known. */
  readonly next: string | null;
}

type WantedFile = SourceConfig['files'][number];

interface Pulling {
  readonly source: SourceConfig;
  readonly folder: string;
  readonly context: WorkflowContext;
  readonly retryDelayMs: number | undefined;
}

/**
 * @param overrides  of the configuration, such as `source.urls=[https://mirror/archive.zip]`
 * @throws SOURCE_UNREACHABLE, SOURCE_LOGIN, SOURCE_REFUSED, SOURCE_FILE_MISMATCH, DATA_FILE_INVALID, DISK_FULL, and what the
 *   configuration throws; the signal's reason when it is aborted
 */
export async function pullSource(
  name: string,
  overrides: readonly string[],
  context: WorkflowContext,
  { retryDelayMs }: { readonly retryDelayMs?: number } = {},
): Promise<PulledSource> {
  const startMs = context.clock.monotonicMs();
  const { source } = loadSourceConfig(name, overrides, context).config;
  const folder = resolveUserPath(context.workingDirectory, source.folder);
  const pulling = { source, folder, context, retryDelayMs };
  const missing: WantedFile[] = [];
  for (const file of source.files) {
    const path = join(folder, file.name);
    if (!existsSync(path)) missing.push(file);
    else await checkFile(file, path, pulling, { isOwn: true });
  }
  if (missing.length > 0) await fetchMissing(missing, pulling);
  const files = [];
  for (const file of source.files) {
    const path = join(folder, file.name);
    const sizeBytes = statSync(path).size;
    files.push({
      name: file.name,
      sizeBytes,
      md5: await hashFile(path, 'md5'),
      fetched: missing.includes(file),
    });
  }
  const seconds = Math.round((context.clock.monotonicMs() - startMs) / 10) / 100;
  return { source: source.name, folder, files, seconds, next: source.next };
}

/** Tries the addresses in turn; the error of the last one is thrown. */
async function fetchMissing(missing: readonly WantedFile[], pulling: Pulling): Promise<void> {
  const { source, context } = pulling;
  for (const [i, url] of source.urls.entries()) {
    try {
      await fetchFrom(url, missing, pulling);
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      if (i === source.urls.length - 1 || !isAppError(error)) throw error;
      context.warn(`${error.message}; trying the next address`, { code: error.code });
    }
  }
}

async function fetchFrom(url: string, missing: readonly WantedFile[], pulling: Pulling): Promise<void> {
  if (!url.includes('{file}')) {
    await withDownload(url, pulling.source.name, null, pulling, (path) =>
      unpack(path, url, missing, pulling),
    );
    return;
  }
  for (const file of missing) {
    const isWeb = isWebAddress(url);
    const address = url.replaceAll('{file}', isWeb ? encodeURIComponent(file.name) : file.name);
    await withDownload(address, file.name, file.size_bytes, pulling, (path) =>
      unpack(path, address, [file], pulling),
    );
  }
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** What a download that is whole is refused with. */
const WRONG_CONTENT = new Set([
  'SOURCE_FILE_MISMATCH',
  'SOURCE_REFUSED',
  'SOURCE_LOGIN',
  'DATA_FILE_INVALID',
]);

/**
 * Passes on the path of the downloaded file, and deletes it afterwards; what is on this machine already is left alone. An interrupted
 * download stays for the next call.
 */
async function withDownload(
  url: string,
  name: string,
  sizeBytes: number | null,
  { source, folder, context, retryDelayMs }: Pulling,
  use: (path: string) => Promise<void>,
): Promise<void> {
  if (!isWebAddress(url)) {
    const path = resolveUserPath(context.workingDirectory, url);
    if (!existsSync(path))
      throw appError('FILE_NOT_FOUND', { path: showAddress(url, path), kind: 'file (source.urls)' });
    await use(path);
    return;
  }
  if (!URL.canParse(url)) throw refuse(source, folder, url, 'an address that is none');
  const downloads = join(context.home.cache, 'sources', source.name.replace(/[^\w-]/g, '_'));
  const { user = null, key = null } = source.login ?? {};
  const authorization =
    user === null || key === null ? null : `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`;
  const bar = context.progress(`download ${name}`, Math.ceil((sizeBytes ?? sumSizes(source)) / 1e6), 'MB');
  let bytes = 0;
  let downloaded: string | null = null;
  try {
    downloaded = await downloadUrl({
      ...{ url, name, folder: downloads, authorization, retryDelayMs },
      ...{ signal: context.signal, say: context.say, warn: context.warn },
      onBytes: (more) => {
        bytes += more;
        bar.update(Math.round(bytes / 1e6), formatMegabytes(bytes));
      },
      refuse: (status) =>
        status === 401 || status === 403
          ? askForLogin(source, folder, url, `status ${status}`)
          : refuse(source, folder, url, `status ${status}`),
      refuseSilence: (reason) => appError('SOURCE_UNREACHABLE', { ...describe(source, folder, url), reason }),
    });
    await use(downloaded);
    rmSync(downloaded, { force: true });
  } catch (error) {
    // What is whole, but wrong, would be taken for the download of an earlier run.
    if (downloaded !== null && isAppError(error) && WRONG_CONTENT.has(error.code))
      rmSync(downloaded, { force: true });
    throw error;
  } finally {
    bar.stop();
  }
}

const sumSizes = ({ files }: SourceConfig): number =>
  files.reduce((sum, file) => sum + (file.size_bytes ?? 0), 0);

/** Takes the wanted files from a download: an archive, or the only file itself. */
async function unpack(
  path: string,
  url: string,
  wanted: readonly WantedFile[],
  pulling: Pulling,
): Promise<void> {
  const { source, folder } = pulling;
  const kind = readFileKind(path)?.name;
  if (kind === 'a web page (HTML)')
    throw askForLogin(source, folder, url, 'a web page, such as a sign-in page');
  const [only] = wanted;
  if (kind !== 'a zip archive') {
    if (wanted.length !== 1 || only === undefined)
      throw refuse(
        source,
        folder,
        url,
        `${kind ?? 'a file'} where a zip archive of ${wanted.length} files should be`,
      );
    await writeChecked(only, createReadStream(path), pulling);
    return;
  }
  const zip = await openZip(
    path,
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .pop() || source.name,
  );
  try {
    for (const file of wanted) {
      const member = zip.members.find(({ name }) => name.split('/').pop() === file.name);
      if (member === undefined)
        throw refuse(source, folder, url, `an archive without ${file.name} (${zip.members.length} files)`);
      await writeChecked(file, member.open(), pulling);
    }
  } finally {
    zip.close();
  }
}

/** Writes a file under a temporary name, checks it, and gives it its name. @throws SOURCE_FILE_MISMATCH, DISK_FULL */
async function writeChecked(file: WantedFile, bytes: AsyncIterable<Buffer>, pulling: Pulling): Promise<void> {
  const { folder, context } = pulling;
  const path = join(folder, file.name);
  makeFolder(folder);
  const temporary = createTemporaryName(path);
  const output = openSync(temporary, 'wx');
  const hash = createHash('md5');
  let sizeBytes = 0;
  try {
    try {
      for await (const chunk of bytes) {
        context.signal.throwIfAborted();
        sizeBytes += chunk.byteLength;
        if (file.size_bytes !== null && sizeBytes > file.size_bytes)
          throw mismatch(file, pulling, `${file.size_bytes} bytes`, 'more');
        hash.update(chunk);
        for (let at = 0; at < chunk.byteLength; ) at += writeSync(output, chunk, at);
      }
    } catch (error) {
      throw asDiskError(error, path);
    } finally {
      closeSync(output);
    }
    compare(file, sizeBytes, hash.digest('hex'), pulling, { isOwn: false });
    renameSync(temporary, path);
    context.say(`${file.name}: ${sizeBytes.toLocaleString('en')} bytes`);
  } finally {
    rmSync(temporary, { force: true });
  }
}

interface CheckOptions {
  /** Whether the file was in the folder before. */
  readonly isOwn: boolean;
}

async function checkFile(
  file: WantedFile,
  path: string,
  pulling: Pulling,
  options: CheckOptions,
): Promise<void> {
  compare(file, statSync(path).size, await hashFile(path, 'md5'), pulling, options);
}

/** @throws SOURCE_FILE_MISMATCH */
function compare(
  file: WantedFile,
  sizeBytes: number,
  md5: string,
  pulling: Pulling,
  options: CheckOptions,
): void {
  if (file.size_bytes !== null && sizeBytes !== file.size_bytes)
    throw mismatch(file, pulling, `${file.size_bytes} bytes`, `${sizeBytes}`, options);
  if (file.md5 !== null && md5 !== file.md5) throw mismatch(file, pulling, `md5 ${file.md5}`, md5, options);
}

function mismatch(
  { name }: WantedFile,
  { source, folder }: Pulling,
  expected: string,
  got: string,
  { isOwn }: CheckOptions = { isOwn: false },
): Error {
  const remedy = isOwn
    ? `The file in ${folder} is another edition. Move it away to fetch the known one, or use it as it is.`
    : 'Nothing was written. Run the command again; if the error persists, the address serves another edition: name another (source.urls).';
  return appError('SOURCE_FILE_MISMATCH', { name: source.name, file: name, expected, got, remedy });
}

/** What the errors of a source have in common; the address is without query and login. */
function showAddress(url: string, path = resolve(url)): string {
  return url.includes('://') ? hideLogin(url) : path;
}

function describe(source: SourceConfig, folder: string, url: string) {
  const host = URL.canParse(url) ? new URL(url).host : showAddress(url);
  const flag = `'source.urls=[https://HOST/archive.zip]'`;
  return { name: source.name, host, page: source.page, folder, flag };
}

function refuse(source: SourceConfig, folder: string, url: string, got: string): Error {
  return appError('SOURCE_REFUSED', { ...describe(source, folder, url), got });
}

function askForLogin(source: SourceConfig, folder: string, url: string, got: string): Error {
  const isSent = source.login?.user != null && source.login.key != null;
  const help = source.login?.help ?? 'The server asks for a login, which this source has none for.';
  return appError('SOURCE_LOGIN', {
    ...describe(source, folder, url),
    got: `${got}${isSent ? ' for the login given' : ' without a login'}`,
    help,
  });
}
