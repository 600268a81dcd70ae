// Which remote a push or pull goes to: the one that is named or addressed, that of the pointer, or the default one.
import { isAbsolute, join, resolve } from 'node:path';
import { appError, expandHome } from '../../foundation/core/index.ts';
import { type DataRepository, type DvcConfig, readDvcConfig } from '../../keeping/dvc/index.ts';
import type { RemoteSettings } from '../../keeping/remotes/index.ts';

export interface ChosenRemote {
  readonly settings: RemoteSettings;
  /** True: it keeps data under the paths of the repository, as versions, instead of under the names of its content. */
  readonly isVersioned: boolean;
}

/**
 * @param name  a name of the configuration, an address, or a folder; null: the default of the configuration
 * @throws REMOTE_NOT_CONFIGURED
 */
export function chooseRemote(repository: DataRepository, name: string | null): ChosenRemote {
  const { root, temporary } = repository;
  const uploadsFolder = join(temporary, 'uploads');
  if (name !== null && isAddress(name)) {
    const url = name.includes('://') ? name : resolve(root, expandHome(name));
    return { settings: { name: null, url, uploadsFolder }, isVersioned: false };
  }
  const config = repository.isDvc ? readDvcConfig(root) : {};
  const chosen = name ?? config.core?.remote?.text;
  const section = chosen === undefined ? undefined : config[`remote "${chosen}"`];
  if (chosen === undefined || section?.url === undefined)
    throw appError('REMOTE_NOT_CONFIGURED', {
      asked: chosen === undefined ? 'a default remote' : `the remote ${chosen}`,
      known: listRemotes(config).join(', ') || 'none',
    });
  const text = (key: string): string | undefined => section[key]?.text;
  const { url } = section;
  const settings = {
    url:
      url.text.includes('://') || isAbsolute(url.text) ? url.text : resolve(url.folder, expandHome(url.text)),
    endpoint: text('endpointurl'),
    region: text('region'),
    profile: text('profile'),
    credentialsFile: readPath(section.credentialpath),
    accessKeyId: text('access_key_id'),
    secretAccessKey: text('secret_access_key'),
    sessionToken: text('session_token'),
    project: text('projectname'),
    user: text('user'),
    password: text('password'),
  };
  return {
    settings: { name: chosen, uploadsFolder, ...dropMissing(settings) },
    isVersioned: /^true$/i.test(text('version_aware') ?? text('worktree') ?? ''),
  };
}

function readPath(value: DvcConfig[string][string] | undefined): string | undefined {
  return value === undefined ? undefined : resolve(value.folder, expandHome(value.text));
}

function isAddress(name: string): boolean {
  return name.includes('://') || isAbsolute(name) || /^[.~][\\/]|^\.\.[\\/]/.test(name);
}

function listRemotes(config: DvcConfig): string[] {
  return Object.keys(config).flatMap((section) => /^remote "(.*)"$/.exec(section)?.[1] ?? []);
}

function dropMissing<T extends { readonly url: string }>(
  settings: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
