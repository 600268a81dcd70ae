// The address that a server listens at: is it free, what does a refusal mean, how is it written as a URL.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { appError, errorCodeOf } from '../../foundation/core/index.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens for a moment, to find out before a long preparation.
 * @throws PORT_IN_USE, ADDRESS_UNUSABLE
 */
export async function assertAddressFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
  } catch (error) {
    throw asListenError(error, { host, port });
  }
}

/** A failure to listen as one of our errors; any other error as it is. */
export function asListenError(error: unknown, { host, port }: ListenAddress): unknown {
  const reason = errorCodeOf(error);
  if (reason === 'EADDRINUSE') return appError('PORT_IN_USE', { host, port }, { cause: error });
  const refused = ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];
  return reason !== undefined && refused.includes(reason)
    ? appError('ADDRESS_UNUSABLE', { host, port, reason }, { cause: error })
    : error;
}

/** The URL of a listening server. */
export function formatServerUrl(
  address: ReturnType<Server['address']>,
  { host, port }: ListenAddress,
): string {
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
}
