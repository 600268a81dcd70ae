// Which remote a push or pull goes to: the one that is named or addressed, that of the pointer, or the default one.
import { isAbsolute, join, resolve } from 'node:path';
import type { LoadOptions } from '../../foundation/config/index.ts';
import { appError, expandHome } from '../../foundation/core/index.ts';
import { type DataRepository, type DvcConfig, readDvcConfig } from '../../keeping/dvc/index.ts';
import { openRemote, type RemoteSettings } from '../../keeping/remotes/index.ts';
import { listRemoteChoices, loadRemoteConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface ChosenRemote {
  readonly settings: RemoteSettings;
  /** True: it keeps data under the paths of the repository, as versions, instead of under the names of its content. */
  readonly isVersioned: boolean;
}

export interface RemoteChoiceOptions {
  /** A name of the configuration, an address, or a folder; null: the default. */
  readonly name: string | null;
  /** As typed: `remote=s3`, `remote.url=…`. */
  readonly overrides?: readonly string[];
}

/**
 * The first of: what the overrides compose; the address; the remote of this name in `.dvc/config`; the file of this name in
 * `configs/remote`. Without a name: the default of `.dvc/config`, then that of `configs/remote.yaml`.
 * @throws REMOTE_NOT_CONFIGURED, DVC_CONFIG_INVALID, and what loading the configuration throws
 */
export function chooseRemote(
  repository: DataRepository,
  { name, overrides = [] }: RemoteChoiceOptions,
  context: WorkflowContext,
): ChosenRemote {
  const { root, temporary } = repository;
  const uploadsFolder = join(temporary, 'uploads');
  const ofConfigs = (composed: readonly string[], shown: string | null): ChosenRemote | null => {
    const settings = readConfigs(composed, root, context);
    return settings && { settings: { name: shown, uploadsFolder, ...settings }, isVersioned: false };
  };
  const refuse = (asked: string): Error =>
    appError('REMOTE_NOT_CONFIGURED', {
      asked,
      known: [...new Set([...listRemotes(config), ...listOwnChoices(context)])].join(', ') || 'none',
    });
  const config = repository.isDvc ? readDvcConfig(root) : {};
  if (overrides.length > 0) {
    const chosen = ofConfigs(overrides, null);
    if (chosen === null) throw refuse('remote.url');
    return chosen;
  }
  if (name !== null && isAddress(name)) {
    const url = name.includes('://') ? name : resolve(root, expandHome(name));
    return { settings: { name: null, url, uploadsFolder }, isVersioned: false };
  }
  const named = name ?? config.core?.remote?.text;
  const ofDvc = named === undefined ? null : readDvcRemote(config, named);
  if (ofDvc !== null) return { ...ofDvc, settings: { ...ofDvc.settings, uploadsFolder } };
  if (named !== undefined && !listRemoteChoices(loadOptionsOf(context)).includes(named))
    throw refuse(`the remote ${named}`);
  const chosen = ofConfigs(named === undefined ? [] : [`remote=${named}`], named ?? null);
  if (chosen === null) throw refuse(named === undefined ? 'a default remote' : `the remote ${named}`);
  return chosen;
}

/**
 * Refuses a remote that was asked for and is none, also where nothing has to be moved.
 * @throws REMOTE_NOT_CONFIGURED, and what opening it throws
 */
export async function assertAskedRemote(
  repository: DataRepository,
  { remote, overrides = [] }: { readonly remote: string | null; readonly overrides?: readonly string[] },
  context: WorkflowContext,
): Promise<void> {
  if (remote === null && overrides.length === 0) return;
  await openRemote(chooseRemote(repository, { name: remote, overrides }, context).settings);
}

/** A remote of `.dvc/config`; null if it has none of this name. */
function readDvcRemote(config: DvcConfig, name: string): ChosenRemote | null {
  const section = config[`remote "${name}"`];
  if (section?.url === undefined) return null;
  const text = (key: string): string | undefined => section[key]?.text;
  const settings = {
    url: resolveDvcUrl(config, section.url, [name]),
    endpoint: text('endpointurl'),
    region: text('region'),
    profile: text('profile'),
    credentialsFile: readPath(section.credentialpath),
    accessKeyId: text('access_key_id'),
    secretAccessKey: text('secret_access_key'),
    sessionToken: text('session_token'),
    isAnonymous: isTrue(text('allow_anonymous_login')) ? true : undefined,
    project: text('projectname'),
    user: text('user'),
    password: text('password'),
  };
  return {
    settings: { name, ...dropMissing(settings) },
    isVersioned: isTrue(text('version_aware')) || isTrue(text('worktree')),
  };
}

/** `remote://NAME/folder` is a folder of another remote; a relative path starts at the folder of the file that has it. */
function resolveDvcUrl(
  config: DvcConfig,
  { text, folder }: DvcConfig[string][string],
  names: readonly string[],
): string {
  const [, base, rest] = /^remote:\/\/([^/]+)\/?(.*)$/.exec(text) ?? [];
  const baseUrl = base === undefined ? undefined : config[`remote "${base}"`]?.url;
  if (base !== undefined && names.includes(base)) {
    const line = `remotes that refer to each other in a circle: ${[...names, base].join(' → ')}`;
    throw appError('DVC_CONFIG_INVALID', { path: folder, line });
  }
  if (base !== undefined && baseUrl !== undefined && rest !== undefined)
    return `${resolveDvcUrl(config, baseUrl, [...names, base]).replace(/\/+$/, '')}/${rest}`;
  return text.includes('://') || isAbsolute(text) ? text : resolve(folder, expandHome(text));
}

/** What `configs/remote.yaml` and the overrides compose; null if it has no url. */
function readConfigs(overrides: readonly string[], root: string, context: WorkflowContext) {
  const { remote } = loadRemoteConfig(overrides, loadOptionsOf(context)).config;
  if (remote.url === null) return null;
  const { url } = remote;
  const path = remote.credentials_file;
  return dropMissing({
    url: url.includes('://') ? url : resolve(root, expandHome(url)),
    endpoint: remote.endpoint ?? undefined,
    region: remote.region ?? undefined,
    profile: remote.profile ?? undefined,
    credentialsFile: path === null ? undefined : resolve(root, expandHome(path)),
    accessKeyId: remote.access_key_id ?? undefined,
    secretAccessKey: remote.secret_access_key ?? undefined,
    sessionToken: remote.session_token ?? undefined,
    isAnonymous: remote.anonymous ? true : undefined,
    project: remote.project ?? undefined,
    user: remote.user ?? undefined,
    password: remote.password ?? undefined,
  });
}

function loadOptionsOf({ workingDirectory, configDirs, searchesConfigs }: WorkflowContext): LoadOptions {
  return {
    workingDirectory,
    ...(configDirs !== undefined && { configDirs }),
    ...(searchesConfigs !== undefined && { searchesConfigs }),
  };
}

/** Names of the user's own files in `configs/remote`; those of the package need an address first. */
function listOwnChoices(context: WorkflowContext): string[] {
  const packaged = new Set(['none', 'local', 's3', 'gs', 'https']);
  return listRemoteChoices(loadOptionsOf(context)).filter((choice) => !packaged.has(choice));
}

function isTrue(text: string | undefined): boolean {
  return /^(?:true|yes|on|1)$/i.test(text ?? '');
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
