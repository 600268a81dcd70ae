// Loads the configuration `source`: where a known dataset comes from, and by which sizes and md5 its files are known.
import { z } from 'zod';
import {
  type LoadedConfig,
  type LoadOptions,
  listGroupChoices,
  loadConfig,
  locateConfigs,
} from '../../foundation/config/index.ts';

const fileName = z
  .string()
  .regex(/^\w[\w .()-]*$/, 'the name of a file, without folders')
  .refine((name) => !name.includes('..'), 'the name of a file, without folders');

const sourceConfigSchema = z.strictObject({
  source: z.strictObject({
    name: z.string().min(1),
    /** Where people find the dataset. */
    page: z.url(),
    /** Tried in turn: a zip archive with the files, an address with {file} for each of them, or a path of this machine. */
    urls: z.array(z.string().min(1)).min(1),
    /** Where the files go, relative to the working directory. */
    folder: z.string().min(1),
    files: z
      .array(
        z.strictObject({
          name: fileName,
          /** null: not known. */
          size_bytes: z.int().min(0).nullable().default(null),
          md5: z
            .string()
            .regex(/^[0-9a-f]{32}$/, 'an md5 of 32 hexadecimal digits')
            .nullable()
            .default(null),
        }),
      )
      .min(1),
    /** User and key of basic authentication; they are sent to the host of the address only. */
    login: z
      .strictObject({
        user: z.string().nullable(),
        key: z.string().nullable(),
        /** What to do where the server asks for a login. */
        help: z.string(),
      })
      .nullable()
      .default(null),
    /** The command to run next. */
    next: z.string().nullable().default(null),
  }),
});
export type SourceConfig = z.infer<typeof sourceConfigSchema>['source'];

/** Whether configs/source has a file of this name. */
export function isDataSource(name: string, options: LoadOptions = {}): boolean {
  return listGroupChoices(locateConfigs(options), 'source').includes(name);
}

/** The source `name`. @throws what loadConfig throws */
export function loadSourceConfig(
  name: string,
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<{ readonly source: SourceConfig }> {
  return loadConfig('source', sourceConfigSchema, [`source=${name}`, ...overrides], options);
}
