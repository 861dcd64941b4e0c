import { ServiceError } from './errors.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:8080", "[::1]:8080". */
export function hostAndPort({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Turns what `listen` threw into an error that names the address and what to do. */
export function listenError(error: unknown, address: ListenAddress): ServiceError {
  const text = `${errorCode(error)} ${error instanceof Error ? error.message : String(error)}`;
  const where = hostAndPort(address);
  if (text.includes('EADDRINUSE')) {
    return new ServiceError(
      'port_in_use',
      `Cannot listen on ${where}: the port is already in use. Stop the other process or choose another port.`,
      { cause: error },
    );
  }
  const reason = text.includes('EACCES')
    ? 'this user may not open that port'
    : text.includes('EADDRNOTAVAIL') || text.includes('ENOTFOUND') || text.includes('EAI_AGAIN')
      ? 'this machine has no such address'
      : text.trim();
  return new ServiceError('bad_config', `Cannot listen on ${where}: ${reason}.`, { cause: error });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
