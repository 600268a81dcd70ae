// veracity ci secrets: fails where a file holds what looks like a key or a password.
import { EXIT_REFUSED, resolveUserPath } from '../../foundation/core/index.ts';
import { checkSecrets, formatSecretPlace } from '../../workflows/ci/index.ts';
import type { Command, CommandInput } from './command.ts';

/** The option of every command that refuses secrets. */
export const ALLOW_SECRET_OPTION: Command['options'][number] = {
  flags: '--allow-secret <place>',
  description: 'FILE:LINE (or FILE) that holds no secret; lasting ones: a line each in .allowed-secrets',
  repeatable: true,
};

export const ciSecretsCommand: Command = {
  name: 'ci secrets',
  summary: 'fail where a file holds what looks like a key or a password',
  argumentsUsage: '[paths...]',
  options: [ALLOW_SECRET_OPTION],
  examples: [
    'veracity ci secrets',
    'veracity ci secrets data notebooks/train.ipynb',
    'veracity ci secrets --allow-secret docs/setup.md:12',
  ],
  run: async ({ args, options }, context) => {
    const paths = (args.length === 0 ? ['.'] : args).map((path) =>
      resolveUserPath(context.workingDirectory, path),
    );
    const result = await checkSecrets({ paths, allowed: readAllowSecret(options) }, context);
    const { ok, files, secrets } = result;
    const count = `${files} file${files === 1 ? '' : 's'}`;
    const lines = ok
      ? [`no secrets in ${count}`]
      : [
          ...secrets.map((place) => `${formatSecretPlace(place)}: looks like ${place.words}`),
          `${secrets.length} in ${count}. Take them out, and revoke those that were published.`,
          'If one is no secret: --allow-secret FILE:LINE, or that line in .allowed-secrets.',
        ];
    return { json: result, text: lines.join('\n'), exitCode: ok ? 0 : EXIT_REFUSED };
  },
};

export function readAllowSecret(options: CommandInput['options']): readonly string[] {
  const { allowSecret } = options;
  return typeof allowSecret === 'string' ? [allowSecret] : Array.isArray(allowSecret) ? allowSecret : [];
}
