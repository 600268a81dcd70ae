// Opens a remote by its address. The vendors' clients load here, when a remote of their kind is first opened.
import { fileURLToPath } from 'node:url';
import { appError, hideLogin } from '../../foundation/core/index.ts';
import { openGcsRemote } from './gcs-remote.ts';
import { openHttpsRemote } from './https-remote.ts';
import { createLocalRemote } from './local-remote.ts';
import type { Remote, RemoteSettings } from './remote.ts';
import { openS3Remote } from './s3-remote.ts';

/** @throws REMOTE_UNSUPPORTED if the address is of no known kind, REMOTE_CLIENT_MISSING if the vendor's client is not installed */
export async function openRemote(settings: RemoteSettings): Promise<Remote> {
  const { url } = settings;
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
      return createLocalRemote(url);
    case 'file':
      return createLocalRemote(fileURLToPath(url));
    case 's3':
      return openS3Remote(settings);
    case 'gs':
    case 'gcs':
      return openGcsRemote(settings);
    case 'https':
    case 'http':
      return openHttpsRemote(settings);
    default:
      throw appError('REMOTE_UNSUPPORTED', {
        url: hideLogin(url),
        expected: 'a folder, file://, s3://, gs:// or https://',
        got: `${scheme}://`,
        remedy: 'Copy the data to a remote of one of these kinds, or pull it with DVC itself.',
      });
  }
}
