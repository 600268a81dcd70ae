// Reads the settings of the Hub from environment variables: the same variables, defaults and precedence as Python's
// huggingface_hub (constants.py and utils/_auth.py of 2.4.0), so that one setup serves both. One difference: an empty
// variable counts as not set.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { appError } from '../../foundation/core/index.ts';

/** The address of the Hub; HF_ENDPOINT names another server with the same routes (a mirror, a proxy, a test). */
export const DEFAULT_ENDPOINT = 'https://huggingface.co';

const DEFAULT_TIMEOUT_SECONDS = 10;

export type HubEnvironment = Readonly<Record<string, string | undefined>>;

export interface HubSettings {
  /** Without a trailing slash. */
  readonly endpoint: string;
  /** The folder that holds `models--org--name`; shared with Python. */
  readonly cacheFolder: string;
  readonly token: string | undefined;
  readonly isOffline: boolean;
  /** If false, files are moved or copied into the snapshot instead of linked. */
  readonly useSymlinks: boolean;
  /** The longest wait for the headers of a response. */
  readonly metadataTimeoutMs: number;
  /** The longest silence within a download before it is resumed with a new request. */
  readonly downloadTimeoutMs: number;
}

/**
 * Reads HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and their older or rarer variants.
 * @throws USAGE when HF_ENDPOINT is not an http(s) address
 */
export function loadHubSettings(env: HubEnvironment): HubSettings {
  const home = env.HOME || homedir();
  const folderOf = (path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, home));
  const hubHome = folderOf(env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface'));
  return {
    endpoint: parseEndpoint(env.HF_ENDPOINT || DEFAULT_ENDPOINT),
    cacheFolder: folderOf(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hubHome, 'hub')),
    token: readToken(env, folderOf(env.HF_TOKEN_PATH || join(hubHome, 'token'))),
    isOffline: isTrue(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
    useSymlinks: !isTrue(env.HF_HUB_DISABLE_SYMLINKS),
    metadataTimeoutMs: parseSeconds(env.HF_HUB_ETAG_TIMEOUT) * 1000,
    downloadTimeoutMs: parseSeconds(env.HF_HUB_DOWNLOAD_TIMEOUT) * 1000,
  };
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw appError('USAGE', {
      where: 'HF_ENDPOINT',
      problem: 'expected an http or https address without a user name, got something else',
      hint: `Leave HF_ENDPOINT unset for the Hub itself (${DEFAULT_ENDPOINT}); a password belongs into HF_TOKEN.`,
    });
  return text.trim().replace(/\/+$/, '');
}

function readToken(env: HubEnvironment, path: string): string | undefined {
  const given = cleanToken(env.HF_TOKEN) || cleanToken(env.HUGGING_FACE_HUB_TOKEN);
  if (given !== '') return given;
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  try {
    return cleanToken(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined; // no user has logged in on this machine; public models need no token
  }
}

function cleanToken(text: string | undefined): string {
  return (text ?? '').replace(/[\r\n]/g, '').trim();
}

function isTrue(text: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((text ?? '').toUpperCase());
}

function parseSeconds(text: string | undefined): number {
  const seconds = Number(text || DEFAULT_TIMEOUT_SECONDS);
  return seconds > 0 && Number.isFinite(seconds) ? seconds : DEFAULT_TIMEOUT_SECONDS;
}
