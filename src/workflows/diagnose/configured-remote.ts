// The remote that `data push` uses in this repository, as the configuration of DVC names it.
import { isAbsolute, resolve } from 'node:path';
import { expandHome, isAppError } from '../../foundation/core/index.ts';
import { type DataRepository, findRepository, readDvcConfig } from '../../keeping/dvc/index.ts';
import type { RemoteSettings } from '../../keeping/remotes/index.ts';

/** Null: the folder is in no repository, or its configuration names no remote. @throws DVC_CONFIG_INVALID */
export function findConfiguredRemote(workingDirectory: string, home: string): RemoteSettings | null {
  let repository: DataRepository;
  try {
    repository = findRepository(workingDirectory, home);
  } catch (error) {
    if (isAppError(error) && error.code === 'DATA_NOT_REPOSITORY') return null;
    throw error;
  }
  if (!repository.isDvc) return null;
  const config = readDvcConfig(repository.root);
  const name = config.core?.remote?.text;
  const section = name === undefined ? undefined : config[`remote "${name}"`];
  if (name === undefined || section?.url === undefined) return null;
  const { url } = section;
  const isAddress = url.text.includes('://') || isAbsolute(url.text);
  const keys = {
    ...{ endpoint: 'endpointurl', region: 'region', profile: 'profile', project: 'projectname' },
    ...{ accessKeyId: 'access_key_id', secretAccessKey: 'secret_access_key', sessionToken: 'session_token' },
    ...{ user: 'user', password: 'password' },
  };
  const given = Object.entries(keys).flatMap(([setting, key]) => {
    const text = section[key]?.text;
    return text === undefined ? [] : [[setting, text] as const];
  });
  const file = section.credentialpath;
  return {
    ...Object.fromEntries(given),
    ...(file === undefined ? {} : { credentialsFile: resolve(file.folder, expandHome(file.text)) }),
    name,
    url: isAddress ? url.text : resolve(url.folder, expandHome(url.text)),
  };
}
