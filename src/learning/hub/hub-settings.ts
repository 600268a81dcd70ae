// What the environment says about the Hub: the same variables, defaults and order of precedence as Python's
// huggingface_hub (constants.py and utils/_auth.py of 2.4.0), so that one setup serves both. Unlike there, a variable
// that is set but empty counts as not set.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { appError } from '../../foundation/core/index.ts';

/** The Hub itself; HF_ENDPOINT names another server that speaks its routes (a mirror, a proxy, a test). */
export const DEFAULT_ENDPOINT = 'https://huggingface.co';

const DEFAULT_TIMEOUT_SECONDS = 10;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** The folder that holds `models--org--name`; shared with Python. */
  readonly cacheFolder: string;
  readonly token: string | undefined;
  readonly isOffline: boolean;
  /** False: files are moved or copied into the snapshot instead of linked. */
  readonly useSymlinks: boolean;
  /** Longest wait for an answer's head. */
  readonly metadataTimeoutMs: number;
  /** Longest silence within a download, before it is taken up again. */
  readonly downloadTimeoutMs: number;
}

/**
 * Reads HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and their older or rarer siblings.
 * @throws USAGE when HF_ENDPOINT is not an http(s) address
 */
export function loadHubSettings(env: Environment): HubSettings {
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

function readToken(env: Environment, path: string): string | undefined {
  const given = cleanToken(env.HF_TOKEN) || cleanToken(env.HUGGING_FACE_HUB_TOKEN);
  if (given !== '') return given;
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  try {
    return cleanToken(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined; // nobody has logged in on this machine: public models need no token
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
