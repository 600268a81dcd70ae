// Loads the configuration `remote`: where data is pushed to and pulled from.
import { z } from 'zod';
import {
  type LoadedConfig,
  type LoadOptions,
  listGroupChoices,
  loadConfig,
  locateConfigs,
} from '../../foundation/config/index.ts';

const text = z.string().nullable().default(null);

export const remoteConfigSchema = z.strictObject({
  remote: z.strictObject({
    /** Null: there is none. */
    url: z.string().nullable(),
    endpoint: text,
    region: text,
    profile: text,
    credentials_file: text,
    access_key_id: text,
    secret_access_key: text,
    session_token: text,
    anonymous: z.boolean().default(false),
    project: text,
    user: text,
    password: text,
  }),
});

export type RemoteConfig = z.infer<typeof remoteConfigSchema>;

/** @param overrides  such as `remote=s3`, `remote.url=…`. @throws as loadTrainConfig */
export function loadRemoteConfig(
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<RemoteConfig> {
  return loadConfig('remote', remoteConfigSchema, overrides, options);
}

/** Names of the files in `configs/remote`, from all folders. */
export function listRemoteChoices(options: LoadOptions = {}): string[] {
  return listGroupChoices(locateConfigs(options), 'remote');
}
